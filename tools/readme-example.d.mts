export function readmeExample(project: string): Promise<{ file: string; prints: string[] }>;
