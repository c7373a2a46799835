/** e_machine of the ELF specification's processor supplements, by the names that Lambda has for them. */
const machines: Record<number, string> = { 183: 'arm64', 62: 'x86_64' };

/** The processor that an ELF file is for; undefined where it is none. Both of ours are little-endian. */
export const elfMachine = (bytes: Buffer): string | undefined => {
  if (bytes.length < 20 || !bytes.subarray(0, 4).equals(Buffer.from('\x7fELF', 'latin1'))) return undefined;
  const machine = bytes.readUInt16LE(18);
  return machines[machine] ?? `ELF machine ${machine}`;
};

/** Whether bytes begin as native code of any system does: ELF, Mach-O, or Windows' MZ. */
export const isNative = (bytes: Buffer): boolean =>
  elfMachine(bytes) !== undefined ||
  ['cffaedfe', 'cafebabe', 'feedfacf'].includes(bytes.subarray(0, 4).toString('hex')) ||
  bytes.subarray(0, 2).toString('latin1') === 'MZ';
