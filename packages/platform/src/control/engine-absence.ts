import type { Settings } from '../domain/settings.ts';

/** Why there is no container engine, and how to get one; whole sentences. */
export const engineAbsence = ({ engine }: Pick<Settings, 'engine'>): string => {
  if (engine === 'none')
    return 'Containers are switched off on this server (setting engine: none); start Ravine without that setting.';
  const named = engine === 'auto' ? process.env.DOCKER_HOST : engine;
  if (named) return `The container engine at ${named} does not answer; start it, which Ravine notices by itself.`;
  return 'No container engine answers on this server; install Docker or Podman and start it, which Ravine notices by itself.';
};
