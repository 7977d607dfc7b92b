# Notices to people: English. Text and fields only; no links; no full numbers. One message a kind:
# .title heads a push message and an e-mail, .sms has two parts at most, .push and .mail say the same with more room.

bill-ready =
    .title = { $department }: a new bill
    .sms = { $department }: your { $bill_type } (account ending { $account_tail }) is ready. { $amount } is due by { $due_date }.
    .push = Your { $bill_type } (account ending { $account_tail }) is ready. { $amount } is due by { $due_date }.
    .mail =
        { $department }

        Your { $bill_type } (account ending { $account_tail }) is ready.
        Amount payable: { $amount }
        Last day for payment: { $due_date }

        To pay, open the app or site that you pay government bills with. This message has no link, and nobody will ask you for a password by e-mail.

due-soon =
    .title = { $department }: payment due by { $due_date }
    .sms = { $department }: { $amount } for { $bill_type } (account ending { $account_tail }) is due by { $due_date }. If you have just paid, there is nothing to do.
    .push = { $amount } for { $bill_type } (account ending { $account_tail }) is due by { $due_date }. If you have just paid, there is nothing to do.
    .mail =
        { $department }

        { $amount } for { $bill_type } (account ending { $account_tail }) is due by { $due_date }.

        If you have just paid, there is nothing to do. A payment is in time when you instruct it before midnight, Hong Kong time, at the end of that day.

overdue =
    .title = { $department }: payment is overdue
    .sms = { $department }: { $amount } for { $bill_type } (account ending { $account_tail }) was due on { $due_date } and has not been received. A surcharge may apply.
    .push = { $amount } for { $bill_type } (account ending { $account_tail }) was due on { $due_date } and has not been received. A surcharge may apply.
    .mail =
        { $department }

        { $amount } for { $bill_type } (account ending { $account_tail }) was due on { $due_date } and has not been received.

        A surcharge may apply. The department decides it and will send you a demand for it. If you have paid, keep your receipt: nothing is lost, and the payment will be found.

payment-received =
    .title = Payment received
    .sms = We received { $amount } for { $bill_type } on { $paid_at }. Reference { $reference }.
    .push = We received { $amount } for { $bill_type } on { $paid_at }. Reference { $reference }.
    .mail =
        { $department }

        We received { $amount } for { $bill_type } on { $paid_at }.
        Reference: { $reference }

        Your receipt is kept under this reference.

payment-failed =
    .title = Payment not completed
    .sms = Your payment of { $amount } for { $bill_type } was not completed, and no money was taken. Reference { $reference }. You can pay again.
    .push = Your payment of { $amount } for { $bill_type } was not completed, and no money was taken. Reference { $reference }. You can pay again.
    .mail =
        { $department }

        Your payment of { $amount } for { $bill_type } was not completed, and no money was taken.
        Reference: { $reference }

        You can pay again, by the same or another method.

refund-sent =
    .title = Refund sent
    .sms = A refund of { $amount } for { $bill_type } was sent to you. Reference { $reference }. Your bank may need some days to show it.
    .push = A refund of { $amount } for { $bill_type } was sent to you. Reference { $reference }. Your bank may need some days to show it.
    .mail =
        { $department }

        A refund of { $amount } for { $bill_type } was sent to you.
        Reference: { $reference }

        Your bank may need some days to show it.

licence-renewal-open =
    .title = Vehicle licence: renewal is open
    .sms = The licence of vehicle { $mark } expires on { $expiry }. You can renew it from { $open_date }.
    .push = The licence of vehicle { $mark } expires on { $expiry }. You can renew it from { $open_date }.
    .mail =
        { $department }

        The licence of vehicle { $mark } expires on { $expiry }. You can renew it from { $open_date }.

licence-expiring =
    .title = Vehicle licence: expiry
    .sms = The licence of vehicle { $mark } has { $expiry } as its last day. Renew it if you have not done so.
    .push = The licence of vehicle { $mark } has { $expiry } as its last day. Renew it if you have not done so.
    .mail =
        { $department }

        The licence of vehicle { $mark } has { $expiry } as its last day. Renew it if you have not done so.

        A vehicle must not be used on a road without a valid licence. An additional fee applies to the time without one.

cheque-dishonoured =
    .title = e-Cheque not honoured
    .sms = Your e-Cheque of { $amount } for { $bill_type } was not honoured by its bank. The bill is unpaid. Reference { $reference }. Please pay again.
    .push = Your e-Cheque of { $amount } for { $bill_type } was not honoured by its bank. The bill is unpaid. Reference { $reference }. Please pay again.
    .mail =
        { $department }

        Your e-Cheque of { $amount } for { $bill_type } was not honoured by its bank. The bill is unpaid.
        Reference: { $reference }

        Please pay again, by the same or another method. Your bank can tell you why.
