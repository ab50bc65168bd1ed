/** A moment, as people and programs read it: RFC 3339, to the second. `time` is in milliseconds since 1970. */
export const timeOf = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;
