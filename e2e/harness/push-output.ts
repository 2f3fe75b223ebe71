/** What of a push's output differs from run to run. */
export const perPush: readonly (readonly [RegExp, string])[] = [
  [/ in [\d.]+m?s\b/g, ' in SECONDS'],
  [/(?<=Done: )[\d.]+[KM]/g, 'SIZE'],
  [/(?<=: node )\d+\.\d+\.\d+/g, 'VERSION'],
  [/\b[0-9a-f]{7}\.\.\.?[0-9a-f]{7}\b/g, 'OLD..NEW'],
];

/** Lines as git shows those that the server says. */
const remote = (said: string): string =>
  said
    .replace(/\n$/, '')
    .replaceAll(/^/gm, 'remote: ')
    .replaceAll(/^remote: $/gm, 'remote:');

/** stderr of a push that is taken. @param moved such as `* [new branch]  main -> main` */
export const taken = (app: string, said: string, moved: string): string =>
  `${remote(said)}\nTo https://localhost:PORT/${app}.git\n ${moved}`;

/** stderr of a push that is refused by the platform. */
export const declined = (app: string, said: string): string =>
  `${remote(said)}
To https://localhost:PORT/${app}.git
 ! [remote rejected] main -> main (pre-receive hook declined)
error: failed to push some refs to 'https://localhost:PORT/${app}.git'`;

/** What the Node.js buildpack says until the dependencies are there. */
export const installed = (npm = ' Installing node modules with npm\n\n up to date in SECONDS'): string =>
  `-----> Building on the Heroku-24 stack
-----> Determining which buildpack to use for this app
-----> Node.js app detected
-----> Creating runtime environment
 NODE_ENV=production
-----> Installing binaries
 engines (package.json): node VERSION
-----> Installing dependencies
${npm}
`;

/** What follows a build that succeeds, up to the release. */
export const stored = (types: string): string =>
  `-----> Build succeeded!
-----> Discovering process types
 Procfile declares types  -> ${types}
-----> Storing slug...
 Done: SIZE
-----> Launching...
`;

export const released = (app: string, version: string): string =>
  ` Released ${version}\n http://${app}.localhost:PORT/ deployed to Ravine\n\n`;
