export function readmeExamples(project: string): Promise<{ file: string; code: string; prints: string[] }[]>;
export function undocumentedExports(project: string): Promise<string[]>;
