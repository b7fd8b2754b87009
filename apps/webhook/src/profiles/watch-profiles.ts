import { SettingsError, type Milliseconds, type Profile, type ProfileSource } from '@ecr-anywhere/settings';
import { watchFiles, type FileWatch } from '../files/watch-files.ts';
import type { Logger } from '../operations/log.ts';
import type { Metrics } from '../operations/metrics.ts';

/** What a watch of the file of profiles tells. */
export interface ProfileWatchOptions {
  readonly interval: Milliseconds;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'profilesInvalid'>;
  /** Called with the profiles at the start, and whenever the file has changed. */
  readonly use: (profiles: readonly Profile[]) => void;
}

/**
 * Reads the file of profiles, and reads it again when it changes. A mistake in it keeps the profiles before it, with a line of
 * log and a metric.
 *
 * @throws {@link SettingsError} if the file has a mistake, or cannot be read, at the start
 */
export function watchProfiles(
  file: string,
  { read }: Pick<ProfileSource, 'read'>,
  { interval, log, metrics, use }: ProfileWatchOptions,
): Pick<FileWatch<unknown>, 'stop'> {
  let first: Error | undefined;
  let isStarted = false;
  const watch = watchFiles({
    files: [file],
    interval,
    parse: ([text = '']) => read(text),
    onValue(profiles) {
      metrics.profilesInvalid(false);
      use(profiles);
      log.info({ file, profiles: profiles.length }, isStarted ? 'the profiles have changed' : 'profiles');
    },
    onProblem(problem) {
      if (!isStarted) return void (first = problem);
      metrics.profilesInvalid(true);
      log.error(
        { file, problem: mistakesOf(problem).join('; ') },
        'the file of profiles is not used: the profiles before it stay; correct it',
      );
    },
  });
  isStarted = true;
  if (first === undefined) return watch;
  watch.stop();
  throw new SettingsError(mistakesOf(first).map((mistake) => `PROFILES_FILE: ${mistake}`));
}

function mistakesOf(problem: Error): readonly string[] {
  return problem instanceof SettingsError ? problem.mistakes : [problem.message];
}
