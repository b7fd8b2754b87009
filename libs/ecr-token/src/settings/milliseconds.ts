/** Milliseconds. */
export type Milliseconds = number;
