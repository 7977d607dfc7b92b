// Pays bills in a real browser, end to end, and judges every page on the way.
//
// Needs a running epay with its sandbox:
//   EPAY_PORTAL_URL    the pages
//   EPAY_SANDBOX_URL   the sandbox, whose bank app pays the codes
//   EPAY_DEMO_BILLS    JSON list of bills that may be paid: [{"bill_type", "number", "amount"}, …]
//   EPAY_CHROMIUM      the browser's program; /usr/bin/chromium unless given
//   EPAY_SCREENSHOTS   a folder for pictures of every page; none are taken unless given
//   EPAY_ONLY          run only the journeys whose name contains this
// The last line is `N passed, N failed`; the exit code is 0 only if nothing failed.
import { chromium } from "playwright-core";

import { journeys } from "./lib/journeys.mjs";
import { World } from "./lib/world.mjs";

// The system's browser, quiet: nothing here may talk to anyone but the portal and the sandbox.
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

const only = process.env.EPAY_ONLY ?? "";
const browser = await chromium.launch({
  executablePath: process.env.EPAY_CHROMIUM ?? "/usr/bin/chromium",
  args: FLAGS,
});
const world = new World(browser, process.env);
let passed = 0;
let failed = 0;
try {
  for (const { name, run } of journeys.filter((journey) => journey.name.includes(only))) {
    const started = performance.now();
    try {
      await run(world);
      passed += 1;
      console.log(`PASS  ${name} (${Math.round(performance.now() - started)} ms)`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${name}\n${error.stack ?? error}`);
      await world.pictureOfFailure(name);
    } finally {
      await world.closePages();
    }
  }
} finally {
  await browser.close();
}
if (passed + failed === 0) {
  failed = 1;
  console.log(`FAIL  no journey is called ${only}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
