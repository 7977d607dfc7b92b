// What every page must be: accessible by axe's rules, no wider than a narrow screen, in the language it says.
import { AxeBuilder } from "@axe-core/playwright";
import { deepEqual, equal, ok } from "node:assert/strict";

import { NARROW } from "./world.mjs";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export async function judge(world, page, name, { language, script = true } = {}) {
  if (language) equal(await page.getAttribute("html", "lang"), language.tag, `${name}: language of the page`);
  await fits(page, name);
  if (script) await isAccessible(page, name);
  await world.picture(page, name);
}

async function fits(page, name) {
  const before = page.viewportSize();
  await page.setViewportSize(NARROW);
  // A locator's box is measured without running a script in the page, so this works where script is off.
  const box = await page.locator("html").boundingBox();
  const inner = await Promise.all(
    (await page.locator("body *:visible").all()).map(async (element) => ({ element, box: await element.boundingBox() })),
  );
  await page.setViewportSize(before);
  ok(box.width <= NARROW.width, `${name}: ${box.width} pixels wide at ${NARROW.width}`);
  for (const { element, box: own } of inner) {
    ok(!own || own.width === 0 || own.x + own.width <= NARROW.width + 1, `${name}: ${element} ends at ${own?.x + own?.width}`);
  }
}

async function isAccessible(page, name) {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  const told = violations
    .filter((violation) => ["serious", "critical"].includes(violation.impact))
    .map((violation) => `${violation.impact} ${violation.id}: ${violation.nodes.map((node) => node.html).join(" | ")}`);
  deepEqual(told, [], `${name}: accessibility`);
  for (const violation of violations) console.log(`      ${name}: ${violation.impact} ${violation.id}`);
}
