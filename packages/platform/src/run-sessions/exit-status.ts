/** What `heroku run -x` looks for in the output; U+FFFF is no character, so no program prints it by accident. */
const marker = '\uFFFF heroku-command-exit-status:';

/** The suffix as the official client appends it; clients before version 11 put no space before the semicolon. */
const suffix = new RegExp(` ?; echo "${marker} \\$\\?"$`);

export interface ExitStatusRequest {
  /** What the user asked to run. */
  readonly command: string;
  /** Whether the client waits for {@link exitStatusMarker}. */
  readonly wantsStatus: boolean;
}

/**
 * Takes the client's suffix off a one-off dyno's command. Run with it, a command that itself calls `exit` would end
 * without the marker, on which the official client fails.
 */
export const parseExitStatusRequest = (command: string): ExitStatusRequest => {
  const bare = command.replace(suffix, '');
  return { command: bare, wantsStatus: bare !== command };
};

/** The line that tells the client the exit status; it must arrive in one piece and at the start of a line or of a TLS record. */
export const exitStatusMarker = (exitCode: number): string => `${marker} ${exitCode}\n`;
