/** Answers with the path of the program. */
export function bundleSimulation(): Promise<string>;
