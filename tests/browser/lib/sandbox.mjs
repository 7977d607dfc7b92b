// The pages and doors of the sandbox's counterparties, as a payer uses them.
import { ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { headed } from "./steps.mjs";

export const CARDS = {
  approved: "9999 0000 0000 0010",
  asked: "9999 0000 0000 0028",
  refused: "9999 0000 0000 0036",
};

// The card company's page: a test card is typed, and sent.
export async function payByCard(world, page, number) {
  await page.waitForURL(`${world.sandbox}/acquirer/checkout/pay/**`);
  await page.locator("#number").fill(number);
  await page.locator("#holder").fill("CHAN TAI MAN");
  await page.locator('button[value="pay"]').click();
}

// The card's bank asks for the code that it has sent.
export async function confirmCode(world, page) {
  await page.waitForURL(`${world.sandbox}/acquirer/acs/**`);
  const code = (await page.locator("#sent-code").textContent()).trim();
  await page.locator("#code").fill(code);
  await page.locator('button[value="confirm"]').click();
}

// A redirect to the wallet's page: pay there, and go back by its link.
export async function payInWalletPage(world, page, name) {
  await page.waitForURL(`${world.sandbox}/wallets/app/pay/**`);
  await payOnRequest(page, name);
  await page.getByRole("link", { name: "Go back to the payment page", exact: true }).click();
}

// A code is opened in the demonstration's wallet app, in a tab of its own.
export async function payInWalletApp(page, label, name, reference) {
  const opened = page.context().waitForEvent("page");
  await page.getByRole("link", { name: label }).click();
  const phone = await opened;
  await phone.getByText(reference, { exact: true }).waitFor();
  await payOnRequest(phone, name);
}

async function payOnRequest(page, name) {
  await headed(page, name);
  await page.getByRole("button", { name: "Pay now", exact: true }).click();
  await page.getByText("This request is paid.", { exact: true }).waitFor();
}

// The payer's own device: what is asked is confirmed, and its token sent to the merchant.
export async function approveOnDevice(world, page, kind) {
  await page.waitForURL(`${world.sandbox}/devices/${kind}`);
  await page.getByRole("button", { name: "Approve with this device", exact: true }).click();
  await page.getByRole("button", { name: "Send it to the merchant", exact: true }).click();
}

// The checkout page of PPS: pay there, and be sent back.
export async function payAtCheckout(world, page, shown) {
  await page.waitForURL(`${world.sandbox}/pps/b2c/payForm.jsp`);
  await page.getByText(shown, { exact: true }).waitFor();
  await page.getByRole("button", { name: "Pay now", exact: true }).click();
}

// A bill is paid at PPS with what the portal's page says, as on its website.
export async function payAtPps(world, page, { merchant, number, amount }) {
  const pps = await page.context().newPage();
  await pps.goto(`${world.sandbox}/pps/pay`);
  await pps.locator("#merchant_code").selectOption(merchant);
  await pps.locator("#bill_number").fill(number);
  await pps.locator("#amount").fill(amount);
  await pps.getByRole("button", { name: "Pay", exact: true }).click();
  await headed(pps, "Paid");
  await pps.close();
}

// The next payment of a rail meets this fault.
export async function orderFault(world, page, rail, fault) {
  const answer = await page.request.post(`${world.sandbox}/api/faults`, { data: { rail, fault } });
  ok(answer.ok(), `the fault: ${answer.status()} ${await answer.text()}`);
}

// The paying bank signs an e-Cheque; answers the file as the payer downloads it.
export async function issueCheque(world, page, amount) {
  const bank = await page.context().newPage();
  await bank.goto(`${world.sandbox}/echeque/issue`);
  await bank.locator("#amount").fill(amount);
  const coming = bank.waitForEvent("download");
  await bank.getByRole("button", { name: "Sign and download", exact: true }).click();
  const download = await coming;
  const file = await readFile(await download.path());
  await bank.close();
  return file;
}

// The sandbox's clock goes on to the next time of day in Hong Kong, and does on the way what falls due.
export async function advanceTo(world, page, time) {
  const answer = await page.request.post(`${world.sandbox}/api/clock`, { data: { next_hong_kong_time: time } });
  ok(answer.ok(), `the clock: ${answer.status()} ${await answer.text()}`);
}
