// Prints results as Markdown for docs/performance.md.

export function heading(text: string): void {
  console.log(`\n### ${text}\n`);
}

export function table(columns: readonly string[]): void {
  row(columns);
  row(columns.map(() => '---'));
}

export function row(cells: readonly string[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}

export function number(value: number, digits: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
