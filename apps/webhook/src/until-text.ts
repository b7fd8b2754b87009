/** A time for people: `2026-01-02 03:04 UTC`. */
export function untilText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
