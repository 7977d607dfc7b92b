// What the pages say, as a visitor reads it. Written down apart from the portal's own texts, so that a changed
// sentence is noticed.

export const LANGUAGES = {
  en: {
    tag: "en-HK",
    continue: "Continue",
    find: "Find bill",
    aboutToPay: (amount) => `You are about to pay ${amount}`,
    getCode: "Get the QR code",
    scan: (amount) => `Scan to pay ${amount}`,
    waiting: "Waiting for your payment",
    openBank: "Open in the demo bank app",
    received: "Payment received",
    viewReceipt: "View receipt",
    receipt: "Receipt",
    money: (amount) => `$${grouped(amount)}`,
  },
  "zh-hant": {
    tag: "zh-Hant-HK",
    continue: "繼續",
    find: "尋找帳單",
    aboutToPay: (amount) => `你將會繳付 ${amount}`,
    getCode: "取得二維碼",
    scan: (amount) => `掃描二維碼繳付 ${amount}`,
    waiting: "正在等候你的付款",
    openBank: "在示範銀行應用程式開啟",
    received: "已收到付款",
    viewReceipt: "查看收據",
    receipt: "收據",
    money: (amount) => `${grouped(amount)} 元`,
  },
  "zh-hans": {
    tag: "zh-Hans-HK",
    continue: "继续",
    find: "寻找帐单",
    aboutToPay: (amount) => `你将会缴付 ${amount}`,
    getCode: "取得二维码",
    scan: (amount) => `扫描二维码缴付 ${amount}`,
    waiting: "正在等候你的付款",
    openBank: "在示范银行应用程序打开",
    received: "已收到付款",
    viewReceipt: "查看收据",
    receipt: "收据",
    money: (amount) => `${grouped(amount)} 元`,
  },
};

/// "3720.00" as "3,720.00".
export function grouped(amount) {
  const [whole, cents = "00"] = amount.split(".");
  return `${whole.replaceAll(/\B(?=(\d{3})+$)/g, ",")}.${cents.padEnd(2, "0")}`;
}
