// What all journeys share: the browser, the addresses, the bills that may still be paid, and the camera.
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { ok } from "node:assert/strict";

export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 390, height: 844 };
/// The narrowest page that must not scroll sideways (WCAG 2.2, 1.4.10).
export const NARROW = { width: 320, height: 640 };
/// Longest wait for anything that a page should do by itself.
export const PATIENCE_MS = 30_000;

export class World {
  #contexts = [];
  #bills;

  constructor(browser, environment) {
    this.browser = browser;
    this.portal = address(environment, "EPAY_PORTAL_URL");
    this.sandbox = address(environment, "EPAY_SANDBOX_URL");
    this.#bills = JSON.parse(environment.EPAY_DEMO_BILLS ?? "[]");
    ok(this.#bills.length > 0, "EPAY_DEMO_BILLS lists no bill");
    this.folder = environment.EPAY_SCREENSHOTS;
    if (this.folder) mkdirSync(this.folder, { recursive: true });
  }

  // A fresh visitor. Every request to anyone but the portal and the sandbox fails the journey.
  async visitor(options = {}) {
    const context = await this.browser.newContext({ viewport: DESKTOP, locale: "en-HK", ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    this.#contexts.push(context);
    const page = await context.newPage();
    page.on("pageerror", (error) => { throw error; });
    return page;
  }

  // Bills of a kind that nobody here has tried yet; a bill is handed out once.
  * billsOf(kind) {
    for (;;) {
      const at = this.#bills.findIndex((bill) => bill.bill_type === kind);
      if (at < 0) return;
      yield this.#bills.splice(at, 1)[0];
    }
  }

  // Pictures of a page as a desktop and as a phone show it.
  async picture(page, name) {
    if (!this.folder) return;
    const before = page.viewportSize();
    for (const [size, viewport] of [["desktop", DESKTOP], ["phone", PHONE]]) {
      await page.setViewportSize(viewport);
      await page.screenshot({ path: join(this.folder, `${name}-${size}.png`), fullPage: true });
    }
    await page.setViewportSize(before);
  }

  async pictureOfFailure(name) {
    if (!this.folder) return;
    const pages = this.#contexts.flatMap((context) => context.pages());
    for (const [index, page] of pages.entries()) {
      const file = `failed-${name.replaceAll(/[^a-z0-9]+/gi, "-")}-${index}.png`;
      await page.screenshot({ path: join(this.folder, file), fullPage: true }).catch(() => {});
    }
  }

  async closePages() {
    await Promise.all(this.#contexts.splice(0).map((context) => context.close()));
  }
}

function address(environment, name) {
  const value = environment[name];
  ok(value, `${name} is not set`);
  return value.replace(/\/+$/, "");
}
