/** Answers with the path of the program. */
export function bundle(folder: 'test/simulation' | 'test/chaos' | 'bench'): Promise<string>;
