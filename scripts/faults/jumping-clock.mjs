// For `node --import`: at every SIGUSR2 the wall's clock of this process jumps, an hour on, then two back, and so on.
const Real = Date;
let shift = 0;
let jumps = 0;
globalThis.Date = class extends Real {
  constructor(...parts) {
    super(...(parts.length === 0 ? [Real.now() + shift] : parts));
  }

  static now() {
    return Real.now() + shift;
  }
};
process.on('SIGUSR2', () => {
  shift += (jumps++ % 2 === 0 ? 1 : -2) * 3_600_000;
});
