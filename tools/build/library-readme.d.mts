export interface ReadmeExample {
  readonly file: string;
  readonly code: string;
  readonly prints: string[];
}

export function readmeExamples(project: string): Promise<ReadmeExample[]>;
export function runExamples(
  examples: readonly ReadmeExample[],
): Promise<{ readonly printed: string[]; readonly prints: string[] }[]>;
export function undocumentedExports(project: string): Promise<string[]>;
