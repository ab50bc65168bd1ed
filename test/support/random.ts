/** Numbers from 0 up to 1 that are the same for the same seed: by chance enough for what may happen in a test. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  // A linear congruence, with factors that reach each number of 32 bits.
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}
