//! Citizen pages: find a bill, pay it by QR, keep the receipt.
