/** `npm run e2e` runs these scenarios in full. `npm test` runs them in a shorter form. */
export const isFull = process.env['SCENARIOS'] === 'full';

export function size<Size>(short: Size, full: Size): Size {
  return isFull ? full : short;
}
