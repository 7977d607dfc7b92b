//! The pages as a browser without script uses them.

use reqwest::header::{CONTENT_TYPE, LOCATION};

use crate::support::code::Code;
use crate::support::receiver::Receiver;
use crate::support::{Sandbox, books, with_database};

/// The value of the confirm form's hidden field.
fn scan_id(page: &str) -> String {
    let (_, rest) = page
        .split_once(r#"name="scan_id" value=""#)
        .expect("a confirm page");
    rest.split_once('"').unwrap().0.to_owned()
}

impl Sandbox {
    async fn page(&self, path: &str) -> (u16, String) {
        let response = self
            .client
            .get(format!("{}{path}", self.url))
            .send()
            .await
            .unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    async fn upload(&self, image: &[u8]) -> (u16, String) {
        let mut body =
            b"--cut\r\ncontent-disposition: form-data; name=\"payer\"\r\n\r\n998000000002\r\n"
                .to_vec();
        body.extend(
            b"--cut\r\ncontent-disposition: form-data; name=\"image\"; filename=\"q.png\"\r\n\r\n",
        );
        body.extend(image);
        body.extend(b"\r\n--cut--\r\n");
        let request = self.client.post(format!("{}/app/scan", self.url));
        let response = request
            .header(CONTENT_TYPE, "multipart/form-data; boundary=cut")
            .body(body)
            .send()
            .await
            .unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    async fn submit(&self, path: &str, form: &str) -> (u16, String) {
        let request = self.client.post(format!("{}{path}", self.url));
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let response = request.body(form.to_owned()).send().await.unwrap();
        let location = response
            .headers()
            .get(LOCATION)
            .map(|value| value.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        (status, location.unwrap_or(response.text().await.unwrap()))
    }
}

#[test]
fn a_person_uploads_confirms_and_sees_what_was_told() {
    with_database(async |database| {
        let mut receiver = Receiver::start(&[], 202).await;
        let sandbox = Sandbox::start(&database, &receiver).await;
        let (_, start) = sandbox.page("/app").await;
        assert!(start.contains(r#"<html lang="en-HK">"#) && start.contains("WONG Siu Ming"));
        let (status, confirm) = sandbox
            .upload(
                &Code {
                    editable: true,
                    ..Code::bill()
                }
                .png(),
            )
            .await;
        assert_eq!(status, 200);
        assert!(
            confirm.contains("TEST Rating and Valuation Department")
                && confirm.contains("000123456789011")
        );
        assert!(
            confirm.contains(r#"value="3720.00""#)
                && confirm.contains(r#"value="998000000002" selected"#)
        );
        let form = format!(
            "scan_id={}&payer=998000000002&amount=1%2C000.5&duplicate=on&hold=on",
            scan_id(&confirm)
        );
        let (status, done) = sandbox.submit("/app/pay", &form).await;
        assert_eq!(status, 303);
        // The second press of the button finds the first payment.
        assert_eq!(sandbox.submit("/app/pay", &form).await, (303, done.clone()));
        let (status, page) = sandbox.page(&done).await;
        assert_eq!(status, 200);
        assert!(
            page.contains("HKD 1,000.50") && page.contains("held") && page.contains("Notice 2"),
            "{page}"
        );
        let (_, ledger) = sandbox.page("/books").await;
        assert!(
            ledger.contains("2 held")
                && ledger.contains("Debits equal credits")
                && ledger.contains("1,000.50")
        );
        assert_eq!(
            sandbox
                .submit("/books/release", "group=&bank_reference=")
                .await,
            (303, "/books".to_owned())
        );
        receiver.next().await;
        receiver.next().await;
        sandbox.stop().await;
        let summary = books(&database).await.summary().await.unwrap();
        assert_eq!(
            (summary.count, summary.sum_cents, summary.notices.delivered),
            (1, 100_050, 2)
        );
    });
}

#[test]
fn a_link_from_a_payment_page_scans_straight_away() {
    with_database(async |database| {
        let receiver = Receiver::start(&[], 202).await;
        let sandbox = Sandbox::start(&database, &receiver).await;
        let (status, confirm) = sandbox
            .page(&format!("/app?scan={}/codes/bill.png", receiver.url))
            .await;
        assert_eq!(status, 200);
        assert!(confirm.contains("HKD 3,720.00") && !confirm.contains(r#"name="amount""#));
        let (status, page) = sandbox
            .page("/app?scan=http://169.254.169.254/latest")
            .await;
        assert_eq!(status, 403);
        assert!(
            page.contains("no money moved") && page.contains("Error: "),
            "{page}"
        );
        sandbox.stop().await;
    });
}

#[test]
fn pages_say_what_to_mend() {
    with_database(async |database| {
        let receiver = Receiver::start(&[], 202).await;
        let sandbox = Sandbox::start(&database, &receiver).await;
        let (_, confirm) = sandbox
            .upload(
                &Code {
                    amount: None,
                    ..Code::bill()
                }
                .png(),
            )
            .await;
        let base = format!("scan_id={}&payer=998000000002", scan_id(&confirm));
        let rows = [
            (base.clone(), 422, "names no amount"),
            (format!("{base}&amount=abc"), 422, "Enter another amount"),
            (
                format!("{base}&amount=1&delay_seconds=soon"),
                422,
                "Enter another delay",
            ),
            (
                format!("{base}&amount=1&amount_delta=a"),
                422,
                "Enter another difference",
            ),
            (
                "scan_id=00000000-0000-0000-0000-000000000000&payer=x".to_owned(),
                404,
                "Scan the QR code again",
            ),
            ("payer=x".to_owned(), 422, "no money moved"),
        ];
        for (form, status, expected) in rows {
            let answer = sandbox.submit("/app/pay", &form).await;
            assert_eq!(answer.0, status, "{form}");
            assert!(answer.1.contains(expected), "{form}: {}", answer.1);
        }
        assert_eq!(sandbox.upload(b"").await.0, 422);
        assert_eq!(
            sandbox
                .page("/app/done/00000000-0000-0000-0000-000000000000")
                .await
                .0,
            404
        );
        for path in ["/", "/static/sandbox.css", "/healthz"] {
            assert_eq!(sandbox.page(path).await.0, 200, "{path}");
        }
        sandbox.stop().await;
    });
}
