export interface StackEntry {
  readonly name: string;
  readonly state: 'public' | 'deprecated';
  readonly createdAt: Date;
}

/** The stacks of the Dev Center's "Stacks" article that Ravine knows. */
export const stacks: readonly StackEntry[] = [
  { name: 'container', state: 'public', createdAt: new Date('2017-09-01T00:00:00Z') },
  { name: 'heroku-22', state: 'public', createdAt: new Date('2022-06-01T00:00:00Z') },
  { name: 'heroku-24', state: 'public', createdAt: new Date('2024-06-01T00:00:00Z') },
];

export const defaultStack = 'heroku-24';
