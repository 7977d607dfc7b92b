// The steps of a visit, as a person takes them.
import { ok } from "node:assert/strict";

import { judge } from "./judge.mjs";
import { LANGUAGES } from "./words.mjs";

export const heading = (page) => page.getByRole("heading", { level: 1 });

// Waits until the page is headed by these words.
export async function headed(page, words) {
  await page.getByRole("heading", { level: 1, name: words, exact: true }).waitFor();
}

// From the first page to the bill. Answers whether the bill can be paid: an earlier run may have paid it.
export async function findBill(world, page, code, bill, judged) {
  const words = LANGUAGES[code];
  const look = (name) => (judged ? judge(world, page, `${judged}-${name}`, { language: words, script: judged.script }) : null);
  await page.goto(`${world.portal}/${code}`);
  await look("1-start");
  await page.locator(`input[value="${bill.bill_type}"]`).check();
  await page.getByRole("button", { name: words.continue, exact: true }).click();
  await page.locator("#number").waitFor();
  await look("2-find");
  await page.locator("#number").fill(bill.number);
  await page.getByRole("button", { name: words.find, exact: true }).click();
  await page.waitForURL(`**/${code}/bill/**`);
  ok(!page.url().includes(bill.number), "a bill's number never stands in an address");
  await look("3-bill");
  return (await page.getByRole("button", { name: words.continue, exact: true }).count()) > 0;
}

// The first bill of a kind that can still be paid, opened on its page.
export async function openPayable(world, page, code, kind, judged) {
  for (const bill of world.billsOf(kind)) {
    if (await findBill(world, page, code, bill, judged)) return bill;
  }
  throw new Error(`no bill of kind ${kind} is left to pay`);
}

// Chooses a way to pay, on the page that asks for it.
export async function chooseMethod(page, code, method = "fps_qr") {
  await page.waitForURL(`**/${code}/method/**`);
  await page.locator(`input[name="method"][value="${method}"]`).check();
  await page.getByRole("button", { name: LANGUAGES[code].continue, exact: true }).click();
  await page.waitForURL(`**/${code}/review/**`);
}

// From the bill to the code. `amount` is typed where it is given, else the bill's own is kept.
export async function reachCode(world, page, code, bill, { amount, judged } = {}) {
  const words = LANGUAGES[code];
  const look = (name) => (judged ? judge(world, page, `${judged}-${name}`, { language: words }) : null);
  if (amount) await page.locator("#amount").fill(amount);
  const shown = words.money(amount ?? bill.amount);
  await page.getByRole("button", { name: words.continue, exact: true }).click();
  await page.waitForURL(`**/${code}/method/**`);
  await look("3-method");
  await chooseMethod(page, code);
  await headed(page, words.aboutToPay(shown));
  await look("4-review");
  await page.getByRole("button", { name: words.getCode, exact: true }).click();
  await headed(page, words.scan(shown));
  await page.getByText(words.waiting, { exact: true }).waitFor();
  const pixels = await page.locator("img.code").evaluate((image) => image.decode().then(() => image.naturalWidth));
  ok(pixels >= 480, `the code is drawn with ${pixels} pixels, at least two for each of 240`);
  await look("5-code");
  return shown;
}

// The bank app in a tab of its own: follow the link on the page, confirm, and see it paid.
// `arrange` may change the form first.
export async function payInBankApp(page, code, arrange = async () => {}) {
  const opened = page.context().waitForEvent("page");
  await page.getByRole("link", { name: LANGUAGES[code].openBank }).click();
  const bank = await opened;
  await headed(bank, "Confirm the payment");
  await arrange(bank);
  await bank.getByRole("button", { name: "Pay now", exact: true }).click();
  await headed(bank, "Paid");
  return bank;
}
