// Verifies deliveries with npm's standardwebhooks (v1) and Node's own crypto (v1a), one JSON request a line, one answer a line.
// {headers, body, secret, publicKey} -> {"v1": bool, "v1a": bool}
import { createPublicKey, verify } from "node:crypto";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(new URL("../browser/package.json", import.meta.url));
const { Webhook, WebhookVerificationError } = require("standardwebhooks");
// What stands before the 32 bytes of an Ed25519 key in the form that Node reads (RFC 8410).
const PREFIX = Buffer.from("302a300506032b6570032100", "hex");

function shared({ headers, body, secret }) {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false;
    throw error;
  }
}

function asymmetric({ headers, body, publicKey }) {
  const bytes = Buffer.from(publicKey.replace(/^whpk_/, ""), "base64");
  const key = createPublicKey({ key: Buffer.concat([PREFIX, bytes]), format: "der", type: "spki" });
  const text = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`);
  return headers["webhook-signature"]
    .split(" ")
    .map((one) => one.split(","))
    .some(([version, signature]) => version === "v1a" && verify(null, text, key, Buffer.from(signature, "base64")));
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  console.log(JSON.stringify({ v1: shared(request), v1a: asymmetric(request) }));
}
