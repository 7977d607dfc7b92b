# 通知文字：繁體中文（香港）。只含文字及欄位；沒有連結；沒有完整號碼。

bill-ready =
    .title = { $department }：新帳單
    .sms = { $department }：你的{ $bill_type }（帳目末四位 { $account_tail }）已發出，應繳款額 { $amount }，請於 { $due_date }或之前繳付。
    .push = 你的{ $bill_type }（帳目末四位 { $account_tail }）已發出，應繳款額 { $amount }，請於 { $due_date }或之前繳付。
    .mail =
        { $department }

        你的{ $bill_type }（帳目末四位 { $account_tail }）已發出。
        應繳款額：{ $amount }
        最後繳款日期：{ $due_date }

        請開啟你用以繳付政府帳單的應用程式或網站付款。本訊息不含連結，亦不會有人以電郵索取密碼。

due-soon =
    .title = { $department }：請於 { $due_date }或之前繳付
    .sms = { $department }：{ $bill_type }（帳目末四位 { $account_tail }）應繳款額 { $amount }，請於 { $due_date }或之前繳付。如剛已繳付，毋須理會。
    .push = { $bill_type }（帳目末四位 { $account_tail }）應繳款額 { $amount }，請於 { $due_date }或之前繳付。如剛已繳付，毋須理會。
    .mail =
        { $department }

        { $bill_type }（帳目末四位 { $account_tail }）應繳款額 { $amount }，請於 { $due_date }或之前繳付。

        如剛已繳付，毋須理會。在該日香港時間午夜前發出付款指示，即屬依時。

overdue =
    .title = { $department }：帳單逾期未繳
    .sms = { $department }：{ $bill_type }（帳目末四位 { $account_tail }）{ $amount } 已於 { $due_date }到期，仍未收到款項，或須繳付附加費。
    .push = { $bill_type }（帳目末四位 { $account_tail }）{ $amount } 已於 { $due_date }到期，仍未收到款項，或須繳付附加費。
    .mail =
        { $department }

        { $bill_type }（帳目末四位 { $account_tail }）{ $amount } 已於 { $due_date }到期，仍未收到款項。

        你或須繳付附加費，由部門決定並另行發出通知。如已付款，請保留收據；款項不會遺失，並會予以追查。

payment-received =
    .title = 已收到款項
    .sms = 我們已於 { $paid_at }收到{ $bill_type }款項 { $amount }，參考編號 { $reference }。
    .push = 我們已於 { $paid_at }收到{ $bill_type }款項 { $amount }，參考編號 { $reference }。
    .mail =
        { $department }

        我們已於 { $paid_at }收到{ $bill_type }款項 { $amount }。
        參考編號：{ $reference }

        收據以此參考編號保存。

payment-failed =
    .title = 付款未完成
    .sms = 你就{ $bill_type }支付的 { $amount } 未能完成，未有扣除款項。參考編號 { $reference }。你可再次付款。
    .push = 你就{ $bill_type }支付的 { $amount } 未能完成，未有扣除款項。參考編號 { $reference }。你可再次付款。
    .mail =
        { $department }

        你就{ $bill_type }支付的 { $amount } 未能完成，未有扣除款項。
        參考編號：{ $reference }

        你可以相同或其他方法再次付款。

refund-sent =
    .title = 已發出退款
    .sms = { $bill_type }的退款 { $amount } 已發出，參考編號 { $reference }。銀行或需數日才會顯示。
    .push = { $bill_type }的退款 { $amount } 已發出，參考編號 { $reference }。銀行或需數日才會顯示。
    .mail =
        { $department }

        { $bill_type }的退款 { $amount } 已發出。
        參考編號：{ $reference }

        銀行或需數日才會顯示。

licence-renewal-open =
    .title = 車輛牌照：可辦理續領
    .sms = 車輛 { $mark } 的牌照將於 { $expiry }屆滿，可由 { $open_date }起續領。
    .push = 車輛 { $mark } 的牌照將於 { $expiry }屆滿，可由 { $open_date }起續領。
    .mail =
        { $department }

        車輛 { $mark } 的牌照將於 { $expiry }屆滿，可由 { $open_date }起續領。

licence-expiring =
    .title = 車輛牌照：屆滿日期
    .sms = 車輛 { $mark } 的牌照有效至 { $expiry }。如尚未續領，請辦理續領。
    .push = 車輛 { $mark } 的牌照有效至 { $expiry }。如尚未續領，請辦理續領。
    .mail =
        { $department }

        車輛 { $mark } 的牌照有效至 { $expiry }。如尚未續領，請辦理續領。

        車輛沒有有效牌照，不得在道路上使用。沒有牌照的期間須繳付附加費用。

cheque-dishonoured =
    .title = 電子支票不獲兌現
    .sms = 你就{ $bill_type }支付的 { $amount } 電子支票不獲銀行兌現，帳單仍未繳付。參考編號 { $reference }。請再次付款。
    .push = 你就{ $bill_type }支付的 { $amount } 電子支票不獲銀行兌現，帳單仍未繳付。參考編號 { $reference }。請再次付款。
    .mail =
        { $department }

        你就{ $bill_type }支付的 { $amount } 電子支票不獲銀行兌現，帳單仍未繳付。
        參考編號：{ $reference }

        請以相同或其他方法再次付款。你可向銀行查詢原因。
