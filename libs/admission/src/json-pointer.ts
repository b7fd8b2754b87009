/**
 * A JSON Pointer to a place in a document, with each segment escaped.
 *
 * @example jsonPointer('metadata', 'annotations', 'example.com/key') // '/metadata/annotations/example.com~1key'
 * @see RFC 6901, section 3: `~` becomes `~0`, `/` becomes `~1`.
 */
export function jsonPointer(...segments: readonly (string | number)[]): string {
  return segments
    .map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
