// One journey for each way to pay, from the bill to the result.
import { ok } from "node:assert/strict";

import { judge } from "./judge.mjs";
import {
  CARDS, advanceTo, approveOnDevice, confirmCode, issueCheque, payByCard, payInWalletApp, payInWalletPage,
} from "./sandbox.mjs";
import { chooseMethod, headed, openPayable } from "./steps.mjs";
import { LANGUAGES } from "./words.mjs";
import { PHONE } from "./world.mjs";

// From the bill to the press on the button that starts the payment.
async function start(world, code, method, { kind = "wsd-water", judged = method, ...options } = {}) {
  const words = LANGUAGES[code];
  const page = await world.visitor(options);
  const bill = await openPayable(world, page, code, kind);
  await page.getByRole("button", { name: words.continue, exact: true }).click();
  await chooseMethod(page, code, method);
  await headed(page, words.aboutToPay(words.money(bill.amount)));
  await judge(world, page, `${judged}-1-review`, { language: words });
  return { page, bill, words, shown: words.money(bill.amount), judged };
}

async function press(page, name) {
  await page.getByRole("button", { name, exact: true }).click();
}

// The page turns to the result by itself, and the receipt says how it was paid.
async function received(world, { page, words, shown, judged }, method) {
  await headed(page, words.received);
  await page.getByText(shown, { exact: true }).first().waitFor();
  ok(page.url().startsWith(world.portal), "the payer is on the portal's own page");
  await judge(world, page, `${judged}-4-received`, { language: words });
  await page.getByRole("link", { name: words.viewReceipt, exact: true }).click();
  await headed(page, words.receipt);
  await page.getByText(words.methods[method], { exact: true }).first().waitFor();
}

async function byCard(world) {
  const visit = await start(world, "en", "card");
  await press(visit.page, visit.words.goOn);
  await payByCard(world, visit.page, CARDS.approved);
  await received(world, visit, "card");
}

async function byCardWithACode(world) {
  const visit = await start(world, "zh-hant", "card", { judged: "card-code", viewport: PHONE });
  await press(visit.page, visit.words.goOn);
  await payByCard(world, visit.page, CARDS.asked);
  await confirmCode(world, visit.page);
  await received(world, visit, "card");
}

// A refused card takes nothing and ends nothing: the payer comes back, goes on, and pays with another.
async function byAnotherCard(world) {
  const visit = await start(world, "en", "card", { judged: "card-refused" });
  const { page, words, shown } = visit;
  await press(page, words.goOn);
  await payByCard(world, page, CARDS.refused);
  await page.getByRole("alert").getByText("The card was declined", { exact: false }).waitFor();
  await page.locator('button[value="cancel"]').click();
  await headed(page, `Continue to pay ${shown}`);
  await page.getByText("Nothing has been paid yet.", { exact: true }).waitFor();
  await judge(world, page, "card-refused-3-back", { language: words });
  await page.getByRole("link", { name: words.goOn, exact: true }).click();
  await payByCard(world, page, CARDS.approved);
  await received(world, visit, "card");
}

// `name` is the wallet's own, in its app.
async function byWalletCode(world, code, method, name) {
  const visit = await start(world, code, method);
  const { page, words, shown } = visit;
  await press(page, words.goOn);
  await headed(page, words.scan(shown));
  const pixels = await page.locator("img.code").evaluate((image) => image.decode().then(() => image.naturalWidth));
  ok(pixels >= 240, `the code is drawn with ${pixels} pixels`);
  await judge(world, page, `${method}-2-code`, { language: words });
  const reference = await page.getByText(/^EP[0-9A-Z]{18}$/).first().textContent();
  await payInWalletApp(world, page, name, reference.trim());
  await received(world, visit, method);
}

async function byWalletPage(world, code, method, name, options) {
  const visit = await start(world, code, method, options);
  await press(visit.page, visit.words.goOn);
  await payInWalletPage(world, visit.page, name);
  await received(world, visit, method);
}

async function byDevice(world, code, method, options) {
  const visit = await start(world, code, method, options);
  const { page, words, shown } = visit;
  await press(page, words.goOn);
  await headed(page, words.payWith(shown, words.methods[method]));
  await judge(world, page, `${method}-2-device`, { language: words });
  await press(page, words.payWithButton(words.methods[method]));
  await approveOnDevice(world, page, method);
  await received(world, visit, method);
}

async function byCheque(world) {
  const visit = await start(world, "en", "echeque");
  const { page, words, shown, bill } = visit;
  await press(page, words.goOn);
  await headed(page, `Upload your e-Cheque for ${shown}`);
  await judge(world, page, "echeque-2-hand", { language: words });
  await press(page, "Submit the e-Cheque");
  await page.getByRole("alert").getByRole("link", { name: "Choose the PDF file of your e-Cheque", exact: true }).waitFor();
  await judge(world, page, "echeque-2-nothing", { language: words });
  await page.locator('input[type="file"]').setInputFiles({
    name: "echeque.pdf", mimeType: "application/pdf", buffer: await issueCheque(world, page, bill.amount),
  });
  await press(page, "Submit the e-Cheque");
  await headed(page, "e-Cheque received, awaiting clearance");
  await judge(world, page, "echeque-3-clearing", { language: words });
  await page.getByRole("link", { name: "View acknowledgement", exact: true }).click();
  await headed(page, "Acknowledgement");
  await judge(world, page, "echeque-3-acknowledgement", { language: words });
  await page.goBack();
  await headed(page, "e-Cheque received, awaiting clearance");
  // Presented at half past five, honoured on the next business day at ten: at most a long weekend later.
  for (let day = 0; day < 4; day += 1) await advanceTo(world, page, "18:00");
  await received(world, visit, "echeque");
}

export const methods = [
  { name: "card: approved on the card company's page", run: byCard },
  { name: "card: approved after a code, on a phone's width", run: byCardWithACode },
  { name: "card: a refused card takes no money, and another pays", run: byAnotherCard },
  { name: "WeChat Pay HK: a code, paid in the wallet app", run: (world) => byWalletCode(world, "en", "wechat_pay", "WeChat Pay") },
  { name: "AlipayHK: 简体, a code, paid in the wallet app", run: (world) => byWalletCode(world, "zh-hans", "alipay_hk", "AlipayHK") },
  { name: "PayMe: 繁體, a code, paid in the wallet app", run: (world) => byWalletCode(world, "zh-hant", "payme", "PayMe") },
  { name: "Octopus: 简体, paid on the wallet's page, on a phone's width", run: (world) => byWalletPage(world, "zh-hans", "octopus", "Octopus", { viewport: PHONE }) },
  { name: "Apple Pay: approved on the device", run: (world) => byDevice(world, "en", "apple_pay") },
  { name: "Google Pay: 繁體, on a phone's width", run: (world) => byDevice(world, "zh-hant", "google_pay", { viewport: PHONE }) },
  { name: "e-Cheque: uploaded, then cleared on the next business day", run: byCheque },
];
