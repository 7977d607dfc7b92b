"""A gRPC caller that knows nothing but an address and a token: everything else it learns by reflection.

It does the README's session: list the services, list the kinds of bill, look up a demo bill, start a payment, watch
it, read its code, cancel it; and is turned away without a token. Messages are built from the descriptors that the
gateway sends, by Google's own Python runtime.

EPAY_GATEWAY_ADDR is the gateway (host:port, or an http:// URL), EPAY_TOKEN a token of the citizen pages,
EPAY_DEMO_BILLS a JSON list of bills ({"bill_type", "number"}) that may be paid.
"""

import json
import os
import sys
import uuid
from urllib.parse import urlsplit

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

SKIPPED = 77
DEADLINE = 20
SERVICES = {f"epay.v1.{name}Service" for name in ("Bill", "Payment", "Qr", "Ledger")}


class Gateway:
    """Calls any method by its name, with messages made from the gateway's own descriptors."""

    def __init__(self, address, token):
        self.channel = grpc.insecure_channel(address)
        self.database = ProtoReflectionDescriptorDatabase(self.channel)
        self.pool = DescriptorPool(self.database)
        self.metadata = [("authorization", f"Bearer {token}")]

    def method(self, service, name):
        return self.pool.FindServiceByName(service).FindMethodByName(name)

    def message(self, kind, fields):
        message = GetMessageClass(kind)()
        for name, value in fields.items():
            setattr(message, name, value)
        return message

    def call(self, service, method_name, metadata=None, /, **fields):
        method = self.method(service, method_name)
        answer = GetMessageClass(method.output_type)
        make = self.channel.unary_stream if method.server_streaming else self.channel.unary_unary
        stub = make(
            f"/{service}/{method_name}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=answer.FromString,
        )
        request = self.message(method.input_type, fields)
        return stub(request, metadata=self.metadata if metadata is None else metadata, timeout=DEADLINE)


class Session:
    def __init__(self, gateway, bills, finance):
        self.gateway = gateway
        self.bills = bills
        self.finance = finance
        self.passed = 0
        self.failed = 0

    def step(self, words, work):
        try:
            found = work()
        except (AssertionError, grpc.RpcError, KeyError, StopIteration) as why:
            self.failed += 1
            print(f"FAIL {words}: {why!r}")
            return None
        self.passed += 1
        print(f"ok   {words}")
        return found

    def services(self):
        found = set(self.gateway.database.get_services())
        assert SERVICES <= found, f"missing: {SERVICES - found}"
        assert "grpc.health.v1.Health" in found

    def bill_types(self):
        answer = self.gateway.call("epay.v1.BillService", "ListBillTypes")
        codes = {kind.code for kind in answer.bill_types}
        wanted = {bill["bill_type"] for bill in self.bills}
        assert wanted <= codes, f"missing: {wanted - codes}"
        assert all(kind.name.en and kind.name.zh_hant and kind.name.zh_hans for kind in answer.bill_types)

    def lookup(self):
        """The first of the demo bills on which something is still to be paid."""
        for demo in self.bills:
            bill = self.gateway.call(
                "epay.v1.BillService", "LookupBill", bill_type=demo["bill_type"], number=demo["number"]
            )
            assert demo["number"] != bill.number, "the number must be masked"
            assert bill.number.endswith(demo["number"][-4:])
            if bill.outstanding.minor_units > 0:
                return bill
        raise AssertionError("no demo bill is left to pay")

    def pay(self, bill):
        kinds = self.gateway.call("epay.v1.BillService", "ListBillTypes").bill_types
        rail = next(kind.methods[0] for kind in kinds if kind.code == bill.bill_type)
        key = str(uuid.uuid4())
        first, again = (
            self.gateway.call("epay.v1.PaymentService", "CreatePayment", bill=bill.name, rail=rail, idempotency_key=key)
            for _ in range(2)
        )
        assert first.name == again.name, "the same key must give the first answer"
        assert first.amount == bill.outstanding
        return first

    def read_code(self, payment):
        code = payment.next_action.show_qr.payload
        reading = self.gateway.call("epay.v1.QrService", "DecodeQr", payload=code)
        assert reading.valid, list(reading.errors)
        assert reading.fps.reference == payment.reference
        assert reading.fps.amount == payment.amount

    def watch_and_cancel(self, payment):
        stream = self.gateway.call("epay.v1.PaymentService", "WatchPayment", name=payment.name)
        assert next(stream).payment.version == payment.version
        cancelled = self.gateway.call(
            "epay.v1.PaymentService", "CancelPayment", name=payment.name, idempotency_key=str(uuid.uuid4())
        )
        assert cancelled.final
        last = [message.payment for message in stream]
        assert last and last[-1].final and last[-1].state == cancelled.state

    def denied(self):
        for metadata, code in (
            ([], grpc.StatusCode.UNAUTHENTICATED),
            ([("authorization", "Bearer made-up")], grpc.StatusCode.UNAUTHENTICATED),
            (None, grpc.StatusCode.PERMISSION_DENIED),
        ):
            try:
                self.gateway.call("epay.v1.LedgerService", "GetTrialBalance", metadata, parent="billers/-")
            except grpc.RpcError as error:
                assert error.code() == code, error
            else:
                raise AssertionError(f"the books answered, {code} was due")

    def books(self):
        """The second half of the README's session: finance reads the trial balance of one department."""
        metadata = [("authorization", f"Bearer {self.finance}")]
        trial = self.gateway.call("epay.v1.LedgerService", "GetTrialBalance", metadata, parent="billers/rvd")
        assert trial.total_debit == trial.total_credit, trial

    def run(self):
        self.step("reflection lists the services", self.services)
        self.step("the kinds of bill have names in three languages", self.bill_types)
        bill = self.step("a demo bill is found, its number masked", self.lookup)
        payment = bill and self.step("a payment is started once for two requests with one key", lambda: self.pay(bill))
        if payment:
            self.step("its code reads back as this payment", lambda: self.read_code(payment))
            self.step("its watcher sees it cancelled, and the stream ends", lambda: self.watch_and_cancel(payment))
        self.step("without the right token nothing is told", self.denied)
        if self.finance:
            self.step("finance reads a trial balance that balances", self.books)
        print(f"{self.passed} passed, {self.failed} failed")
        return 0 if self.failed == 0 and self.passed > 0 else 1


def main():
    address = os.environ.get("EPAY_GATEWAY_ADDR", "")
    token = os.environ.get("EPAY_TOKEN", "")
    bills = json.loads(os.environ.get("EPAY_DEMO_BILLS", "[]"))
    if not (address and token and bills):
        print("skipped: EPAY_GATEWAY_ADDR, EPAY_TOKEN and EPAY_DEMO_BILLS name a running gateway and what may be paid")
        return SKIPPED
    if "://" in address:
        address = urlsplit(address).netloc
    return Session(Gateway(address, token), bills, os.environ.get("EPAY_FINANCE_TOKEN", "")).run()


if __name__ == "__main__":
    sys.exit(main())
