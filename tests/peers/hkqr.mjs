// Reads and writes FPS codes with npm's hkqr-fps, one JSON request a line, one JSON answer a line.
// {"read": payload} -> {"ok": bool, "data"?: objects}; {"write": {fps_id, amount, reference}} -> {"ok": true, "data": payload}
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(new URL("../browser/package.json", import.meta.url));
const { FPS } = require("hkqr-fps");
FPS.Silent();

function answer(request) {
  const code = new FPS();
  if (request.read !== undefined) {
    const read = code.parse(request.read);
    return { ok: !read.error, data: read.data };
  }
  code.setFPSId(request.write.fps_id);
  code.setAmount(request.write.amount);
  code.setReference(request.write.reference);
  const written = code.generate();
  return { ok: !written.error, data: written.data };
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(answer(JSON.parse(line))));
}
