export declare const USAGE: string;

/** The flags of the demo. */
export interface Flags {
  readonly keep?: boolean;
  /** The SVG file to draw the story into. */
  readonly record?: string;
  readonly help?: boolean;
  readonly version?: boolean;
}

/**
 * Answers `--help`, `--version` and wrong flags.
 *
 * @returns the exit code; undefined if the story should be told
 */
export declare function answer(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): number | undefined;

/** Reads the flags. @throws TypeError that names an unknown flag */
export declare function parse(args: readonly string[]): Flags;
