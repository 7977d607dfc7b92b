// A person who is told: signs in, has a form filled in, follows an account, is told on the telephone, and is forgotten.
import { equal, ok } from "node:assert/strict";

import { judge } from "./judge.mjs";
import { headed, openPayable, payInBankApp, reachCode } from "./steps.mjs";
import { LANGUAGES } from "./words.mjs";
import { PATIENCE_MS } from "./world.mjs";

const PERSON = "TEST Chan Tai Man";
const words = LANGUAGES.en;

const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const follow = (page, name) => page.getByRole("link", { name, exact: true }).click();

// The telephone says who it is.
async function approve(world, page) {
  await page.waitForURL(`${world.sandbox}/iam-smart/sign-ins/**`);
  await page.getByLabel("You are", { exact: true }).selectOption(PERSON);
  await press(page, "Approve");
}

async function signIn(world, page) {
  await page.goto(`${world.portal}/en/account`);
  await headed(page, "Be told of your bills");
  await judge(world, page, "person-1-sign-in", { language: words });
  await follow(page, "Login with iAM Smart");
  await approve(world, page);
  await headed(page, "Bill notices");
}

// From the account page to the form at iAM Smart, where a button is pressed.
async function fillIn(world, page, button) {
  await follow(page, "Fill in from iAM Smart");
  await approve(world, page);
  await page.waitForURL(`${world.sandbox}/iam-smart/forms/**`);
  for (const field of ["mobileNumber", "emailAddress"]) {
    await page.getByText(field, { exact: true }).waitFor();
  }
  await press(page, button);
  await page.waitForURL(`${world.portal}/en/account/filled**`);
  await headed(page, "Bill notices");
}

async function told(world) {
  const page = await world.visitor();
  await signIn(world, page);
  await judge(world, page, "person-2-account", { language: words });

  await fillIn(world, page, "Refuse");
  await page.getByText("You did not agree in iAM Smart.", { exact: false }).waitFor();
  equal(await page.getByLabel("Mobile number", { exact: true }).inputValue(), "");

  await fillIn(world, page, "Agree");
  await page.getByText("iAM Smart filled in what is below.", { exact: false }).waitFor();
  equal(await page.getByLabel("Mobile number", { exact: true }).inputValue(), "+85251234001");
  equal(await page.getByLabel("E-mail address", { exact: true }).inputValue(), "chan.tai.man@mail.example");
  await judge(world, page, "person-3-filled", { language: words });
  await page.goto(`${world.portal}/en/account`);
  equal(await page.getByText("•••", { exact: false }).count(), 0, "nothing is kept that was not saved");

  await fillIn(world, page, "Agree");
  await page.getByLabel("I have read the above and agree to be told of bills in this way", { exact: true }).check();
  await press(page, "Save");
  await page.getByText("Your choices are saved", { exact: true }).waitFor();
  await page.getByText("We have •••• 001.", { exact: false }).waitFor();

  const bill = await openPayable(world, page, "en", "rvd-rates");
  const address = page.url();
  await follow(page, "Be told of bills of this account");
  await headed(page, "Be told of bills of this account?");
  await judge(world, page, "person-4-follow", { language: words });
  await press(page, "Tell me");
  await headed(page, "Bill notices");
  await page.goto(address);
  await reachCode(world, page, "en", bill);
  await payInBankApp(page, "en");
  await headed(page, words.received);

  await onTheTelephone(world, page);
  await erase(world, page);
}

// The worker tells in its own time: the page is looked at again until the message is on it.
async function onTheTelephone(world, page) {
  const until = performance.now() + PATIENCE_MS;
  let message;
  while (!message) {
    ok(performance.now() < until, "the telephone was told nothing");
    await page.goto(`${world.sandbox}/arrivals/all`);
    const list = await page.request.get(`${world.sandbox}/arrivals/list`);
    const { arrived } = await list.json();
    const own = arrived.filter((one) => one.channel === "iam-smart" && one.recipient === PERSON);
    message = own.find((one) => one.body.includes("We received"));
  }
  equal(message.copies, 1, "told once");
  ok(!message.body.includes("5123"), "no address in a message");
  await page.reload();
  await page.getByText(message.body, { exact: true }).waitFor();
}

async function erase(world, page) {
  await page.goto(`${world.portal}/en/account`);
  await follow(page, "Erase my data and stop all messages");
  await headed(page, "Erase my data");
  await judge(world, page, "person-5-erase", { language: words });
  await press(page, "Erase my data");
  await page.waitForURL(`${world.portal}/en`);
  await page.goto(`${world.portal}/en/account`);
  await headed(page, "Be told of your bills");
}

export const people = [
  { name: "a person signs in with iAM Smart, has a form filled in, is told by push, and is forgotten", run: told },
];
