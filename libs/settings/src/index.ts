export * from './duration.ts';
export * from './read-settings.ts';
export * from './refresh-settings.ts';
export * from './setting-types.ts';
