/** Answers with the path of the program. */
export function bundleTests(name: 'simulation' | 'chaos'): Promise<string>;
