// The journeys, in the order in which they run. Each takes bills that no other has taken.
import { equal, notEqual, ok } from "node:assert/strict";

import { judge } from "./judge.mjs";
import { methods } from "./methods.mjs";
import { people } from "./people.mjs";
import { chooseMethod, findBill, headed, openPayable, payInBankApp, reachCode } from "./steps.mjs";
import { together } from "./together.mjs";
import { LANGUAGES, grouped } from "./words.mjs";
import { PHONE } from "./world.mjs";

// Bills that a journey has paid, for journeys that come later.
const paid = [];

const path = (page) => new URL(page.url()).pathname;

// A bill is paid with every page judged; the code page turns to the result by itself.
async function pay(world, code, kind, { judged = code, amount, ...options } = {}) {
  const words = LANGUAGES[code];
  const page = await world.visitor(options);
  const bill = await openPayable(world, page, code, kind, judged);
  const shown = await reachCode(world, page, code, bill, { judged, amount });
  const own = path(page);
  const bank = await payInBankApp(page, code);
  await headed(page, words.received);
  equal(path(page), own, "the page changed by itself, in place");
  ok((await page.title()).startsWith(words.received), "the title says so too");
  equal(await page.evaluate(() => document.activeElement?.tagName), "H1", "the result has the focus");
  await page.getByText(words.received, { exact: true }).first().waitFor();
  equal(await page.locator("#announcer").textContent(), words.received, "the result is announced");
  await page.getByText(shown, { exact: true }).first().waitFor();
  await judge(world, page, `${judged}-6-received`, { language: words });
  await page.getByRole("link", { name: words.viewReceipt, exact: true }).click();
  await headed(page, words.receipt);
  await page.getByText(`HKD ${grouped(amount ?? bill.amount)}`, { exact: true }).first().waitFor();
  const reference = await bank.getByText(/^EP[0-9A-Z]{18}$/).first().textContent();
  await page.getByText(reference, { exact: true }).waitFor();
  await judge(world, page, `${judged}-7-receipt`, { language: words });
  paid.push(bill);
  return { page, bill };
}

async function withoutScript(world) {
  const words = LANGUAGES.en;
  const page = await world.visitor({ javaScriptEnabled: false });
  let bill;
  for (bill of world.billsOf("wsd-water")) {
    if (await findBill(world, page, "en", bill)) break;
  }
  ok(bill, "no water bill is left to pay");
  await page.getByRole("button", { name: words.continue, exact: true }).click();
  await chooseMethod(page, "en");
  await page.getByRole("button", { name: words.getCode, exact: true }).click();
  await headed(page, words.scan(words.money(bill.amount)));
  equal(await page.getByRole("button", { name: "Copy" }).count(), 0, "no button that does nothing");
  await judge(world, page, "noscript-5-code", { language: words, script: false });
  await payInBankApp(page, "en");
  await headed(page, words.received);
  await page.getByRole("link", { name: words.viewReceipt, exact: true }).click();
  await headed(page, words.receipt);
}

async function mistakes(world) {
  const page = await world.visitor();
  const told = async (words, name) => {
    const summary = page.getByRole("alert");
    await summary.getByRole("link", { name: words, exact: true }).waitFor();
    ok((await page.title()).startsWith("Error: "), `${name}: the title says so`);
    equal(await page.locator(".fault").textContent(), `There is a problem: ${words}`, `${name}: beside the field`);
    ok(await summary.evaluate((box) => box === document.activeElement), `${name}: the summary has the focus`);
    await judge(world, page, `mistake-${name}`, { language: LANGUAGES.en });
  };
  await page.goto(`${world.portal}/en`);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await told("Select what you are paying", "nothing-chosen");
  await page.goto(`${world.portal}/en/find/rvd-rates`);
  const cases = [
    ["empty", "", "Enter the account number shown on your bill"],
    ["too-short", "0001 2345", "Account number must be 15 digits"],
    ["letters", "NOT-A-NUMBER", "Account number must be 15 digits"],
    ["check-digit", "000123456789012", "Check the account number: one or more digits do not match"],
    ["not-found", "999999999999991", /^We could not find a bill with these details\. |^Check the account number/],
  ];
  for (const [name, typed, words] of cases) {
    await page.locator("#number").fill(typed);
    await page.getByRole("button", { name: "Find bill", exact: true }).click();
    if (words instanceof RegExp) {
      await page.getByRole("alert").getByRole("link", { name: words }).waitFor();
    } else {
      await told(words, name);
    }
    equal(await page.locator("#number").inputValue(), typed, `${name}: what was typed is kept`);
  }
  const answer = await page.goto(`${world.portal}/en/nothing-here`);
  equal(answer.status(), 404);
  await headed(page, "Page not found");
  await judge(world, page, "mistake-no-page", { language: LANGUAGES.en });
}

async function aPartInTheDark(world) {
  const page = await world.visitor({ colorScheme: "dark" });
  const bill = await openPayable(world, page, "en", "ird-salaries", "dark");
  await page.locator("#amount").fill(`${Number(bill.amount) + 1}`);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  const tooHigh = `Amount must be $${grouped(bill.amount)} or less`;
  await page.getByRole("alert").getByRole("link", { name: tooHigh, exact: true }).waitFor();
  await judge(world, page, "dark-3-too-high", { language: LANGUAGES.en });
  await reachCode(world, page, "en", bill, { amount: "1000.00", judged: "dark" });
  await payInBankApp(page, "en");
  await headed(page, "Payment received");
  await judge(world, page, "dark-6-received", { language: LANGUAGES.en });
  ok(await findBill(world, page, "en", bill), "the rest can still be paid");
  const left = `$${grouped((Number(bill.amount) - 1000).toFixed(2))}`;
  await page.getByText(left, { exact: true }).first().waitFor();
}

async function paidAlready(world) {
  const page = await world.visitor();
  equal(await findBill(world, page, "zh-hant", paid[0]), false);
  await page.getByRole("heading", { name: "此帳單已繳付", exact: true }).waitFor();
  await page.getByText(/^此帳單已於 .+ 繳付，無須再次付款$/).waitFor();
  await judge(world, page, "paid-already", { language: LANGUAGES["zh-hant"] });
}

async function pressedTwice(world) {
  const page = await world.visitor();
  const bill = await openPayable(world, page, "en", "ird-salaries");
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await chooseMethod(page, "en");
  await headed(page, `You are about to pay $${grouped(bill.amount)}`);
  const review = page.url();
  const press = async () => {
    const answer = await page.request.post(review, { maxRedirects: 0 });
    equal(answer.status(), 303);
    return answer.headers().location;
  };
  const [first, second] = await Promise.all([press(), press()]);
  equal(first, second, "two presses at once start one payment");
  equal(await press(), first, "and so does a press after a reload");
  // The way back and a new decision is another intent.
  await page.goto(review);
  await page.getByRole("link", { name: "Change the amount", exact: true }).click();
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await chooseMethod(page, "en");
  await headed(page, `You are about to pay $${grouped(bill.amount)}`);
  const other = await page.request.post(page.url(), { maxRedirects: 0 });
  notEqual(other.headers().location, first);
}

async function keepsThePlace(world) {
  const page = await world.visitor({ viewport: PHONE });
  const bill = await openPayable(world, page, "en", "td-licence");
  await page.getByRole("link", { name: "繁體", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "核對帳單", exact: true }).waitFor();
  await page.getByRole("link", { name: "English", exact: true }).click();
  equal(await page.locator("#amount").count(), 0, "a licence is paid whole");
  await reachCode(world, page, "en", bill);
  const own = path(page);
  await page.getByRole("link", { name: "简体", exact: true }).click();
  await headed(page, `扫描二维码缴付 ${grouped(bill.amount)} 元`);
  equal(path(page), own.replace("/en/", "/zh-hans/"));
  await page.getByRole("link", { name: "English", exact: true }).click();
  await page.getByRole("link", { name: "I have paid", exact: true }).click();
  await page.getByText("We have not received your payment yet.", { exact: false }).waitFor();
  await judge(world, page, "not-yet", { language: LANGUAGES.en });
  await page.getByRole("button", { name: "Do not pay now", exact: true }).click();
  await headed(page, "This payment was cancelled");
  await judge(world, page, "cancelled", { language: LANGUAGES.en });
  await page.getByRole("button", { name: "Start again", exact: true }).click();
  await headed(page, `Scan to pay $${grouped(bill.amount)}`);
  notEqual(path(page), own, "another code");
}

async function paidTwiceByMistake(world) {
  const page = await world.visitor();
  const bill = await openPayable(world, page, "en", "td-licence");
  await reachCode(world, page, "en", bill);
  await payInBankApp(page, "en", async (bank) => {
    await bank.getByText("Make something go wrong", { exact: true }).click();
    await bank.getByLabel("Pay twice", { exact: true }).check();
  });
  await headed(page, "Payment received");
  const duplicate = page.getByText(`We hold $${grouped(bill.amount)} for a refund`, { exact: false });
  await duplicate.or(page.getByRole("link", { name: "View receipt", exact: true })).first().waitFor();
  // The second credit may arrive after the page turned: the result then shows it at the next look.
  await page.waitForFunction(async (words) => {
    const answer = await fetch(location.pathname);
    return (await answer.text()).includes(words);
  }, `We hold $${grouped(bill.amount)} for a refund`);
  await page.reload();
  await duplicate.waitFor();
  await judge(world, page, "paid-twice", { language: LANGUAGES.en });
  await page.getByRole("link", { name: "View receipt", exact: true }).click();
  await page.getByRole("heading", { name: "Credit 2", exact: true }).waitFor();
  await judge(world, page, "paid-twice-receipt", { language: LANGUAGES.en });
}

async function byKeyboard(world) {
  const page = await world.visitor();
  await page.goto(`${world.portal}/en`);
  await page.keyboard.press("Tab");
  equal(await page.evaluate(() => document.activeElement?.textContent), "Skip to main content");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  equal(await page.locator("input[name=bill_type]:checked").count(), 1);
  await page.keyboard.press("Enter");
  await page.locator("#number").waitFor();
  const outline = async () => page.locator("#number").evaluate((field) => getComputedStyle(field).outlineStyle);
  await page.locator("#number").focus();
  equal(await outline(), "solid", "the focus can be seen");
  await page.goto(`${world.portal}/en/help`);
  await judge(world, page, "help", { language: LANGUAGES.en });
}

export const journeys = [
  { name: "English: rates are paid, from the bill to the receipt", run: (world) => pay(world, "en", "rvd-rates") },
  { name: "繁體: salaries tax is paid, from the bill to the receipt", run: (world) => pay(world, "zh-hant", "ird-salaries") },
  { name: "简体: water is paid, on a phone's width", run: (world) => pay(world, "zh-hans", "wsd-water", { viewport: PHONE }) },
  { name: "without script a page refreshes itself to the result", run: withoutScript },
  { name: "mistakes are told in the summary, beside the field and in the title", run: mistakes },
  { name: "in dark colours a part is paid, and the rest stays due", run: aPartInTheDark },
  { name: "a bill that has been paid asks for nothing", run: paidAlready },
  { name: "a button pressed twice starts one payment", run: pressedTwice },
  { name: "a change of language keeps the place, and a payment given up can be started again", run: keepsThePlace },
  { name: "a code paid twice shows what is held for a refund", run: paidTwiceByMistake },
  { name: "everything can be reached by keyboard", run: byKeyboard },
  ...together,
  ...people,
  // The last, because some of them move the sandbox's clock on, and then its bank takes every new code for an old one.
  ...methods,
];
