"""Reports on mails that came back, in the shapes of several mail servers."""

POSTFIX = """\
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
To: bounces@lab.example.org
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B1"

--B1
Content-Description: Notification
Content-Type: text/plain; charset=utf-8

This is the mail system at host mx.example.org.

--B1
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
X-Postfix-Queue-ID: 4F2A1C0
Arrival-Date: Mon,  2 Mar 2026 08:00:00 +0100 (CET)

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; 550 {status} <{address}>: Recipient address rejected:
    User unknown in local recipient table

--B1
Content-Description: Undelivered Message
Content-Type: message/rfc822

Return-Path: <bounces@lab.example.org>
From: Lab <lab@example.org>
To: Somebody <{address}>
Subject: Booked
Message-ID: {message_id}
MIME-Version: 1.0
Content-Type: text/plain

Hello
--B1--
"""

EXIM = """\
From: Mail Delivery System <Mailer-Daemon@exim.example.org>
To: bounces@lab.example.org
Auto-Submitted: auto-replied
X-Failed-Recipients: {address}
Content-Type: multipart/report; report-type=delivery-status; boundary=1700000000-eximdsn
MIME-Version: 1.0
Subject: Mail delivery failed: returning message to sender

--1700000000-eximdsn
Content-type: text/plain; charset=us-ascii

A message that you sent could not be delivered to one or more of its recipients.

--1700000000-eximdsn
Content-type: message/delivery-status

Reporting-MTA: dns; exim.example.org

Action: {action}
Final-Recipient: rfc822;{address}
Status: {status}
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; 550 no such user

--1700000000-eximdsn
Content-type: text/rfc822-headers

Return-path: <bounces@lab.example.org>
To: {address}
Subject: Booked
Message-Id: {message_id}

--1700000000-eximdsn--
"""

EXCHANGE = """\
From: Microsoft Outlook <postmaster@campus.example.org>
To: <bounces@lab.example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="_000_ndr_"
X-MS-Exchange-Message-Is-Ndr:
Subject: Undeliverable: Booked

--_000_ndr_
Content-Type: multipart/alternative; differences=Content-Type; boundary="_alt_"

--_alt_
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

Your message couldn't be delivered.
--_alt_
Content-Type: text/html; charset="us-ascii"

<p>Your message couldn't be delivered.</p>
--_alt_--

--_000_ndr_
Content-Type: message/delivery-status

Reporting-MTA: dns;MBX1.campus.example.org
Received-From-MTA: dns;lab.example.org
Arrival-Date: Mon, 2 Mar 2026 07:00:00 +0000

Original-Recipient: rfc822;{address}
Final-Recipient: rfc822;SOMEBODY-ELSE@CAMPUS.EXAMPLE.ORG
Action: {action}
Status: {status}
Diagnostic-Code: smtp;550 {status} RESOLVER.ADR.RecipNotFound; not found

--_000_ndr_
Content-Type: message/rfc822

From: Lab <lab@example.org>
To: <{address}>
Subject: Booked
Message-ID:
 {message_id}
Content-Type: text/plain

Hello
--_000_ndr_--
"""

# No status of its own: what the server said has one.
SENDMAIL = """\
From: Mail Delivery Subsystem <MAILER-DAEMON@sendmail.example.org>
To: <bounces@lab.example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="x22.1/sendmail"
Subject: Returned mail: see transcript for details

--x22.1/sendmail

The original message was received at Mon, 2 Mar 2026 08:00:00 +0100

--x22.1/sendmail
Content-Type: message/delivery-status

Reporting-MTA: dns; sendmail.example.org
Arrival-Date: Mon, 2 Mar 2026 08:00:00 +0100

Final-Recipient: RFC822; {address}
Action: {action}
Diagnostic-Code: SMTP; 550 {status} <{address}>... User unknown
Last-Attempt-Date: Mon, 2 Mar 2026 08:00:01 +0100

--x22.1/sendmail
Content-Type: message/rfc822

To: {address}
Message-ID: {message_id}

Hello
--x22.1/sendmail--
"""

SHAPES = {"postfix": POSTFIX, "exim": EXIM, "exchange": EXCHANGE, "sendmail": SENDMAIL}

ABSENT = """\
From: {address}
To: bounces@lab.example.org
Subject: Out of office
Auto-Submitted: auto-replied
In-Reply-To: {message_id}

I am away until Monday.
"""


def bounce(
    shape: str, *, address: str, message_id: str, status: str = "5.1.1", action: str = "failed"
) -> bytes:
    """A report as it comes."""
    text = SHAPES.get(shape, shape).format(
        address=address, message_id=message_id, status=status, action=action
    )
    return text.encode()
