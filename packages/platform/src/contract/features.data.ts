/** A switch of an app (`heroku features`). */
export interface FeatureEntry {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly createdAt: Date;
}

export const appFeatures: readonly FeatureEntry[] = [
  {
    name: 'runtime-dyno-metadata',
    displayName: 'Dyno metadata',
    description: 'Gives dynos HEROKU_APP_NAME, HEROKU_RELEASE_VERSION, HEROKU_SLUG_COMMIT and their like',
    createdAt: new Date('2026-01-01T00:00:00Z'),
  },
];
