/** A web identity token with these claims. Its signature is not valid. */
export function jsonWebToken(claims: Readonly<Record<string, unknown>>): string {
  return [{ alg: 'RS256' }, claims, 'signature']
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
}
