//! The suite that every rail passes, once for each wallet.

mod alipay;
mod octopus;
mod payme;
mod wechat;
