# The words of letters to the owner. letters/en.ftl in TEMPLATES_DIR replaces them one by one, by name.

subject-lead = Lead { $id }: { $summary }
subject-update = Updated lead { $id }: { $summary }
subject-leads =
    { $n ->
        [one] { $n } more lead
       *[other] { $n } more leads
    } in the last hour
subject-alert-assistant = frontdesk: the assistant does not answer customers
subject-alert-telegram = frontdesk: Telegram refuses the bot token
subject-alert-clock = frontdesk: the clock of the server is wrong
subject-alert-unanswered = frontdesk: a customer was left without the assistant's answer
subject-alert-letters = frontdesk: emails to { $address } do not arrive
subject-alert-facts = frontdesk: the business file cannot be read

new-lead = New lead
updated-lead = Lead updated
number = No. { $id }
nameless = A customer without a name
leads-intro = There were many leads in an hour, so the rest come in one email.
leads-together = This is the last single email of this hour. Further leads come together, in one email at { $at }.
leads-files = All details are attached: the leads as a table in { $leads }, their last messages in { $dialogs }, their contacts in leads.vcf.
check-number = found in the text, please check
updated = updated

phone = Phone
other-phones = Other numbers
other-phone = Another number
email = E-mail
telegram = Telegram
wants-telegram = wants to be written to in Telegram
name = Name
request = What is wanted
own-words = The customer’s last words
preferred-time = When to call
call = Call
write-in-telegram = Write in Telegram
write-a-mail = Write an e-mail
note = Note
in-full = In full
details = About the lead
recorded = How the contact came
came-from = Where he came from

origin-verified = number confirmed by Telegram
origin-card = from another person's contact card
origin-forwarded = from a forwarded message
extension = ext.
unconfirmed-phone = the number is as the customer wrote it, please check
unconfirmed-email = the address is as the customer wrote it, please check

source-tool = the assistant took it down in the chat
source-contact = the customer shared it with the contact button
source-text = the contact was found in a message: please check it
source-form = the customer left it when asked for his contact

changes = What has changed
change-phone = Phone
change-email = E-mail
change-name = Name
change-telegram = Telegram
change-request = Request
change-preferred-time = When to call
change-note = Note
added = added

earlier = An earlier lead
dialog = Conversation
assistant = Assistant
edited = edited
media-contact = contact
media-photo = photo
media-voice = voice message
media-audio = audio
media-video = video
media-video-note = video message
media-sticker = sticker
media-animation = animation
media-document = file
media-location = location
media-attachment = attachment
not-delivered = not delivered
waiting = not delivered yet
left-out =
    { $n ->
        [one] { $n } earlier message is kept
       *[other] { $n } earlier messages are kept
    } in the database: { $command }
no-dialog = There is no conversation: the customer only shared his contact.
dialog-gap =
    { $n ->
        [one] { $n } message is left out here
       *[other] { $n } messages are left out here
    }. The whole conversation is attached: { $file }
dialog-cut = Long messages end in “…” here; the attachment has them whole: { $file }
history = Conversation of lead { $id }
history-period = from { $since } to { $until } ({ $zone })
card-note = Lead { $id }

trace = Lead { $id } · upd={ $update } · chat { $chat } · recorded { $at } ({ $zone })
answer-goes-to = An answer to this letter goes to the customer: { $email }
sent-by = sent automatically by frontdesk

alert-title-assistant = The assistant does not answer customers
alert-title-telegram = Telegram refuses the bot token
alert-title-clock = The clock of the server is wrong
alert-title-facts = The business file cannot be read
alert-since = Since { $at } ({ $zone }). Reason: { $reason }.
alert-meanwhile-heading = What customers see
alert-meanwhile-assistant = Instead of an answer a customer is asked for his name and phone number. Leads are recorded and reach the owner as always; every message is stored.
alert-meanwhile-telegram = Customers get no replies. Replies that are already written wait and are sent once Telegram accepts the token again.
alert-meanwhile-clock = Customers are answered as always. Replies and emails that wait are not dropped for their age until the clocks agree. Times in emails and reports may be wrong.
alert-title-unanswered = A customer was left without the assistant's answer
alert-meanwhile-unanswered = Instead of an answer this customer was asked for name and phone number, or told that the contact is saved. Other customers may be answered as always. Every message is stored, and the report lists everybody who was left without an answer.
alert-meanwhile-facts = Customers are answered as before: the assistant uses the facts it read last. What you have changed since is not used yet.
alert-todo-heading = What to do
alert-todo-assistant-1 = Run { $command } on the server: it says what is wrong.
alert-todo-assistant-2 = Check the key OPENAI_API_KEY, and credit and limits of your OpenAI account.
alert-todo-assistant-3 = Check that the model of OPENAI_MODEL is still available.
alert-todo-telegram-1 = Open @BotFather in Telegram and check the token of this bot.
alert-todo-telegram-2 = If the token has changed, set TELEGRAM_BOT_TOKEN and restart frontdesk.
alert-todo-telegram-3 = Run { $command } on the server: it shows whether Telegram accepts the token.
alert-todo-clock-1 = Compare the time of the server with the correct time.
alert-todo-clock-2 = Turn on time synchronisation (NTP): timedatectl set-ntp true.
alert-todo-clock-3 = Then run { $command } on the server.
alert-todo-facts-1 = Open the file of BUSINESS_FILE in a text editor and save it as plain text in UTF-8.
alert-todo-facts-2 = Check that frontdesk may read the file.
alert-todo-facts-3 = Then run { $command } on the server: it shows whether the file can be read. A restart is not needed.
alert-bound = Once the trouble is over, nothing has to be done. This email is sent at most once an hour.
alert-todo-unanswered-1 = Run { $command } on the server: it says whether key, model and address are good.
alert-todo-unanswered-2 = Look for turn_failed in the log: it names the reason for each question.
alert-todo-unanswered-3 = If it happens again, check the settings that start with OPENAI_ and the OpenAI status page.

alert-title-letters = The mail server rejects emails to { $address }
alert-meanwhile-letters = Nothing is lost: leads are stored, and the emails are retried after 1 hour, after 6 hours, then daily, for 7 days. Emails to other addresses arrive as usual.
alert-todo-letters-1 = Check that the address { $address } is spelled correctly, and that the mailbox is open and not full.
alert-todo-letters-2 = Run { $command } on the server: it shows which emails are waiting and what the mail server said.
alert-todo-letters-3 = To retry an email at once, run frontdesk outbox requeue with its number.
alert-bound-letters = Once the emails arrive again, nothing has to be done. This is sent at most once a day for each address.

files-left-out = The mail server rejected this email with its attachments, so only the text is here. Run { $command } on the server to see the files.

report = Report
report-extra = Extra report
report-for-days =
    Report for { $n ->
        [1] the day
       *[other] { $n } days
    }
subject-report = { $report } up to { $until }: { $sum }
subject-report-between = { $report } from { $since } to { $until }: { $sum }
report-period = { $since } – { $until }
zone-note = Times in this letter: { $zone }
report-extra-note = This report was asked for by hand. The daily one comes as usual, and lacks nothing for it.
report-catch-up = The service was not running when earlier reports were due. This letter takes their place: everything since { $since } is in it.
report-ready = The bot is ready.
report-no-trouble = Nothing went wrong.
attention = Please note
attention-away-now = The bot receives no messages: since { $at }
attention-away = The bot received no messages for { $span }
attention-lost = Some messages may be lost
attention-undelivered =
    { $n ->
        [one] { $n } reply did not arrive
       *[other] { $n } replies did not arrive
    }
attention-refused = The mail server rejects emails to { $to }
attention-held =
    { $n ->
        [one] { $n } letter waits to be sent
       *[other] { $n } letters wait to be sent
    }
attention-letters =
    { $n ->
        [one] { $n } letter was not sent
       *[other] { $n } letters were not sent
    }
attention-failed =
    { $n ->
        [one] { $n } question without an answer
       *[other] { $n } questions without an answer
    }

sum-dialogs =
    { $n ->
        [0] no dialogs
        [one] { $n } dialog
       *[other] { $n } dialogs
    }
sum-new =
    { $n ->
        [0] no new customers
        [one] { $n } new customer
       *[other] { $n } new customers
    }
sum-leads =
    { $n ->
        [0] no leads
        [one] { $n } lead
       *[other] { $n } leads
    }

figures = Other figures
figure-dialogs = Dialogs
figure-new = New customers
figure-leads = Leads
figure-known-contact = Dialogs with a contact known before
figure-without-contact = Dialogs without a contact
figure-questions = Messages of customers
figure-replies = Replies to customers
figure-failed = Not answered
figure-unanswered = Left without an answer by the assistant
figure-forms =
    { $n ->
        [one] in { $n } case the customer was asked for his contact
       *[other] in { $n } cases the customer was asked for his contact
    }
figure-answer = Usual time to answer
figure-answer-slow = 95 answers of 100 within { $span }
figure-gaps = The assistant did not know the answer
figure-unstored = Messages over the limit (not stored)
figure-tokens = OpenAI tokens
figure-tokens-split = read { $input }, written { $output }

fail-deadline = was not ready in time
fail-unavailable = OpenAI does not answer: key, credit or access
fail-refused = declined to answer
fail-empty = answered nothing
fail-rejected = OpenAI did not accept the request
fail-turns-of-day = the customer had used up his answers of the day
fail-tokens-of-day = the tokens of the day were used up
fail-panicked = a fault in the program
fail-unreadable = the stored message could not be read
fail-poison = the service broke down over the question several times

sources = Where new customers came from
no-source = unknown
leads = Leads
worth = Worth a call
worth-note = They asked something and left no contact this time.
worth-silent = { $n } more opened the chat and asked nothing
brief-leads = Leads
brief-worth = Worth a call
and-more = and { $n } more
when-written = When they wrote
busiest-hour = Most at { $hour }: { $dialogs }
decimal = { $whole }.{ $tenth }
usual = usually { $mean }
usual-note =
    Beside each figure: the difference to what is usual, the mean of { $n ->
        [one] the day
       *[other] the { $n } days
    } before.
unanswered = Left without an answer
not-answered = What could not be answered
gaps = The assistant did not know the answer
gaps-todo = Add the answers to the file of facts (BUSINESS_FILE), and the assistant can give them by itself.
problems = What went wrong
dialogs = Dialogs

dead-reply = A reply to a customer was not sent: { $who }
dead-letter = A letter was not sent: { $to }
dead-letter-about = A letter to { $to } was not sent, customer { $who }
dead-todo = To send it again: { $command }
dead-more =
    { $n ->
        [one] And { $n } more that was not sent
       *[other] And { $n } more that were not sent
    }. All of them: { $command }
undelivered =
    { $n ->
        [one] { $n } reply did not reach its customer
       *[other] { $n } replies did not reach their customers
    }. The mark in the dialog is “not delivered”.
refused-address = The mail server rejects emails to { $to }: { $reason }. Waiting: { $letters }. They are retried for 7 days; to retry at once: frontdesk outbox list, then frontdesk outbox requeue.
held-letters =
    { $n ->
        [one] { $n } letter has
       *[other] { $n } letters have
    } waited for the mail server for more than an hour. They leave by themselves once it answers.
away-stopped = The service was stopped
away-unreachable = There was no connection to Telegram
away-lost = Telegram keeps messages for 24 hours: what was written from { $since } to { $at } is lost.
away-now = The bot does not receive messages now: since { $at }. Telegram keeps them for 24 hours.

sources-more =
    { $n ->
        [one] And { $n } more source
       *[other] And { $n } more sources
    }, in the table { $file }
leads-more =
    { $n ->
        [one] And { $n } more lead
       *[other] And { $n } more leads
    }, in the table { $file }
dialogs-more =
    { $n ->
        [one] And { $n } more dialog
       *[other] And { $n } more dialogs
    }, in the table { $file }
unanswered-more =
    { $n ->
        [one] And { $n } more request
       *[other] And { $n } more requests
    }, in the table { $file }
gaps-more =
    { $n ->
        [one] And { $n } more question
       *[other] And { $n } more questions
    }. All of them: { $command }
absences-more =
    { $n ->
        [one] And { $n } more break
       *[other] And { $n } more breaks
    }. All of them: { $command }
lines-before =
    { $n ->
        [one] { $n } earlier message
       *[other] { $n } earlier messages
    }, in the table { $file }
lines-cut = Long messages end in “…” here; the table has them whole: { $file }

lead-mark = ★ Lead { $id }
lead-before = earlier lead { $id }
new-customer = new customer
known-customer = not the first time
late-answer = no new messages, only our reply
first-words = First words
last-words = Last words

attached = Attached
sheet-rows =
    { $file }: { $n ->
        [one] { $n } row
       *[other] { $n } rows
    }
sheet-missing =
    { $n ->
        [one] The last row had no room
       *[other] The last { $n } rows had no room
    }. All rows: { $command }

col-time = Time
col-customer = Customer
col-username = User name
col-user = Telegram ID
col-who = Who wrote
col-message = Message
col-delivered = Delivered
col-edited = Edited
col-lead = Lead
col-phone-origin = Where the number is from
col-other-emails = Other e-mails
col-telegram-name = Name in Telegram
col-wants-telegram = Write in Telegram
customer = Customer
yes = yes
no = no
not-yet = not yet

under-a-second = under 1 s
seconds = { $n } s
minutes = { $n } min
hours = { $n } h
days = { $n } d

day-of-month =
    { $day } { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    }
date = { day-of-month } { $year }
weekday =
    { $n ->
        [1] Monday
        [2] Tuesday
        [3] Wednesday
        [4] Thursday
        [5] Friday
        [6] Saturday
       *[7] Sunday
    }
moment = { $date }, { $time }
short-moment = { $date } { $time }
