/** A duration, or a reading of a clock that only goes forward. */
export type Milliseconds = number;
