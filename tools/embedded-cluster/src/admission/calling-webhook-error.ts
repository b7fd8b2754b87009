/** A webhook that could not be asked, or whose answer is none; whether that matters is its failure policy's. */
export class CallingWebhookError extends Error {}
