/** A duration in milliseconds. */
export type Milliseconds = number;
