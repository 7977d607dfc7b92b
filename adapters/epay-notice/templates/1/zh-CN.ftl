# 通知文字：简体中文（香港）。只含文字及栏位；没有链接；没有完整号码。

bill-ready =
    .title = { $department }：新帐单
    .sms = { $department }：你的{ $bill_type }（帐目末四位 { $account_tail }）已发出，应缴款额 { $amount }，请于 { $due_date }或之前缴付。
    .push = 你的{ $bill_type }（帐目末四位 { $account_tail }）已发出，应缴款额 { $amount }，请于 { $due_date }或之前缴付。
    .mail =
        { $department }

        你的{ $bill_type }（帐目末四位 { $account_tail }）已发出。
        应缴款额：{ $amount }
        最后缴款日期：{ $due_date }

        请打开你用以缴付政府帐单的应用程式或网站付款。本讯息不含链接，亦不会有人以电邮索取密码。

due-soon =
    .title = { $department }：请于 { $due_date }或之前缴付
    .sms = { $department }：{ $bill_type }（帐目末四位 { $account_tail }）应缴款额 { $amount }，请于 { $due_date }或之前缴付。如刚已缴付，毋须理会。
    .push = { $bill_type }（帐目末四位 { $account_tail }）应缴款额 { $amount }，请于 { $due_date }或之前缴付。如刚已缴付，毋须理会。
    .mail =
        { $department }

        { $bill_type }（帐目末四位 { $account_tail }）应缴款额 { $amount }，请于 { $due_date }或之前缴付。

        如刚已缴付，毋须理会。在该日香港时间午夜前发出付款指示，即属依时。

overdue =
    .title = { $department }：帐单逾期未缴
    .sms = { $department }：{ $bill_type }（帐目末四位 { $account_tail }）{ $amount } 已于 { $due_date }到期，仍未收到款项，或须缴付附加费。
    .push = { $bill_type }（帐目末四位 { $account_tail }）{ $amount } 已于 { $due_date }到期，仍未收到款项，或须缴付附加费。
    .mail =
        { $department }

        { $bill_type }（帐目末四位 { $account_tail }）{ $amount } 已于 { $due_date }到期，仍未收到款项。

        你或须缴付附加费，由部门决定并另行发出通知。如已付款，请保留收据；款项不会遗失，并会予以追查。

payment-received =
    .title = 已收到款项
    .sms = 我们已于 { $paid_at }收到{ $bill_type }款项 { $amount }，参考编号 { $reference }。
    .push = 我们已于 { $paid_at }收到{ $bill_type }款项 { $amount }，参考编号 { $reference }。
    .mail =
        { $department }

        我们已于 { $paid_at }收到{ $bill_type }款项 { $amount }。
        参考编号：{ $reference }

        收据以此参考编号保存。

payment-failed =
    .title = 付款未完成
    .sms = 你就{ $bill_type }支付的 { $amount } 未能完成，未有扣除款项。参考编号 { $reference }。你可再次付款。
    .push = 你就{ $bill_type }支付的 { $amount } 未能完成，未有扣除款项。参考编号 { $reference }。你可再次付款。
    .mail =
        { $department }

        你就{ $bill_type }支付的 { $amount } 未能完成，未有扣除款项。
        参考编号：{ $reference }

        你可以相同或其他方法再次付款。

refund-sent =
    .title = 已发出退款
    .sms = { $bill_type }的退款 { $amount } 已发出，参考编号 { $reference }。银行或需数日才会显示。
    .push = { $bill_type }的退款 { $amount } 已发出，参考编号 { $reference }。银行或需数日才会显示。
    .mail =
        { $department }

        { $bill_type }的退款 { $amount } 已发出。
        参考编号：{ $reference }

        银行或需数日才会显示。

licence-renewal-open =
    .title = 车辆牌照：可办理续领
    .sms = 车辆 { $mark } 的牌照将于 { $expiry }届满，可由 { $open_date }起续领。
    .push = 车辆 { $mark } 的牌照将于 { $expiry }届满，可由 { $open_date }起续领。
    .mail =
        { $department }

        车辆 { $mark } 的牌照将于 { $expiry }届满，可由 { $open_date }起续领。

licence-expiring =
    .title = 车辆牌照：届满日期
    .sms = 车辆 { $mark } 的牌照有效至 { $expiry }。如尚未续领，请办理续领。
    .push = 车辆 { $mark } 的牌照有效至 { $expiry }。如尚未续领，请办理续领。
    .mail =
        { $department }

        车辆 { $mark } 的牌照有效至 { $expiry }。如尚未续领，请办理续领。

        车辆没有有效牌照，不得在道路上使用。没有牌照的期间须缴付附加费用。

cheque-dishonoured =
    .title = 电子支票不获兑现
    .sms = 你就{ $bill_type }支付的 { $amount } 电子支票不获银行兑现，帐单仍未缴付。参考编号 { $reference }。请再次付款。
    .push = 你就{ $bill_type }支付的 { $amount } 电子支票不获银行兑现，帐单仍未缴付。参考编号 { $reference }。请再次付款。
    .mail =
        { $department }

        你就{ $bill_type }支付的 { $amount } 电子支票不获银行兑现，帐单仍未缴付。
        参考编号：{ $reference }

        请以相同或其他方法再次付款。你可向银行查询原因。
