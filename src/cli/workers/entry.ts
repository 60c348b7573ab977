/** The compiled entry of a worker. Under a test runner that executes `src/*.ts`, that is its build in `dist`. */
export function workerEntry(name: string): URL {
  const here = import.meta.url;
  if (!here.endsWith('.ts')) return new URL(`./${name}.js`, here);
  return new URL(`../../../dist/src/cli/workers/${name}.js`, here);
}
