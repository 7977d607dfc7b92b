// One journey for each way to pay, from the bill to the result.
import { ok } from "node:assert/strict";

import { judge } from "./judge.mjs";
import {
  CARDS, advanceTo, approveOnDevice, confirmCode, issueCheque, orderFault, payAtCheckout, payAtPps, payByCard,
  payInWalletApp, payInWalletPage,
} from "./sandbox.mjs";
import { chooseMethod, findBill, headed, openPayable } from "./steps.mjs";
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
  await payInWalletApp(page, words.openWallet, name, reference.trim());
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

// The card's bank refuses for good: the attempt is over, nothing was taken, and the payer chooses again.
async function refusedForGood(world) {
  const visit = await start(world, "zh-hant", "apple_pay", { judged: "declined" });
  const { page, words } = visit;
  await orderFault(world, page, "card", "declined");
  await press(page, words.goOn);
  await press(page, words.payWithButton(words.methods.apple_pay));
  await approveOnDevice(world, page, "apple_pay");
  await headed(page, "銀行拒絕付款");
  await page.getByText("銀行拒絕付款，款項未有扣除。請改用其他信用卡或付款方法", { exact: true }).waitFor();
  await judge(world, page, "declined-4-end", { language: words });
  await page.getByRole("link", { name: "選擇其他付款方法", exact: true }).click();
  await page.waitForURL("**/again");
  await page.locator('input[name="method"][value="card"]').waitFor();
}

async function byCheckout(world) {
  const visit = await start(world, "en", "pps_checkout");
  await press(visit.page, visit.words.goOn);
  await payAtCheckout(world, visit.page, `HKD ${visit.shown.slice(1)}`);
  await received(world, visit, "pps_checkout");
}

// Paid at PPS with what the page says. The payer may leave: PPS tells of it in its file of the business day.
async function byBillPayment(world) {
  const visit = await start(world, "en", "pps");
  const { page, bill, words, shown } = visit;
  await press(page, words.goOn);
  await headed(page, `Pay ${shown} with ${words.methods.pps}`);
  await judge(world, page, "pps-2-instructions", { language: words });
  const value = (label) => page.locator(".row").filter({ has: page.getByText(label, { exact: true }) }).locator(".value").textContent();
  const [merchant, number] = [await value("Merchant code"), await value("Bill number")];
  await payAtPps(world, page, { merchant, number, amount: bill.amount });
  await page.getByRole("link", { name: "I have paid", exact: true }).click();
  await page.getByText("Payments of today reach us on the next business day.", { exact: false }).waitFor();
  await judge(world, page, "pps-3-not-yet", { language: words });
  const address = page.url();
  ok(await findBill(world, page, "en", bill), "until PPS tells of it the bill is open");
  // After seven in the evening, or at a weekend, it is the file of the next business day: at most three evenings later.
  for (let evening = 0; evening < 3; evening += 1) await advanceTo(world, page, "19:00");
  const told = async ([address, words]) => (await (await fetch(address)).text()).includes(words);
  await page.waitForFunction(told, [address, words.received]);
  await page.goto(address);
  await received(world, visit, "pps");
}

// A file that is no e-Cheque is refused with the reason, and the right one is taken after it.
async function wrongFile(world) {
  const visit = await start(world, "zh-hans", "echeque", { judged: "echeque-refused" });
  const { page, words, bill } = visit;
  await press(page, words.goOn);
  const hand = async (buffer) => {
    await page.locator('input[type="file"]').setInputFiles({ name: "echeque.pdf", mimeType: "application/pdf", buffer });
    await press(page, "提交电子支票");
  };
  const told = (sentence) => page.getByRole("alert").getByRole("link", { name: sentence, exact: true }).waitFor();
  await hand(Buffer.from("%PDF-1.7\nnot a cheque"));
  await told("文件不是完整的 PDF 文档。款项未有扣除。请上载银行发出的 PDF 文件");
  await judge(world, page, "echeque-refused-2-no-pdf", { language: words });
  await hand(await issueCheque(world, page, `${Number(bill.amount) + 1}`));
  await told("电子支票的金额与应缴金额不符。款项未有扣除。请要求银行发出新的电子支票，或选择其他付款方法");
  await judge(world, page, "echeque-refused-3-amount", { language: words });
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
  { name: "Apple Pay: 繁體, refused by the card's bank, takes no money and ends the attempt", run: refusedForGood },
  { name: "PPS: paid on its checkout page", run: byCheckout },
  { name: "e-Cheque: 简体, a file that is none and one of another amount are refused with the reason", run: wrongFile },
  { name: "e-Cheque: uploaded, then cleared on the next business day", run: byCheque },
  { name: "PPS: a bill payment, told by the file of the day", run: byBillPayment },
];
