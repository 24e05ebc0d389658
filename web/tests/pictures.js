// Small pictures, made here.

/** A bitmap of 24 × 24 pixels with a bar whose place depends on `seed`. */
export function picture(seed) {
  const side = 24;
  const bytes = new Uint8Array(54 + side * side * 3);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, 54, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, side, true);
  view.setInt32(22, side, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  for (let at = 0; at < side * side; at += 1) {
    const isBar = at % side === seed % side;
    bytes.fill(isBar ? 250 : (seed * 37) % 200, 54 + at * 3, 57 + at * 3);
  }
  return bytes;
}

/** Entries `{path, file}` of a folder with a sub-folder a class. */
export function folderOfPictures(classes, each) {
  return classes.flatMap((name, label) =>
    Array.from({ length: each }, (_, index) => {
      const path = `${name}/${index}.bmp`;
      return { path, file: new File([picture(label * each + index)], `${index}.bmp`) };
    }),
  );
}
