export * from './aws-settings.ts';
export * from './contradictions.ts';
export * from './duration.ts';
export * from './read-all.ts';
export * from './read-settings.ts';
export * from './refresh-settings.ts';
export * from './setting-types.ts';
export * from './settings-error.ts';
