# The short texts a customer sees. A file texts/en.ftl in TEMPLATES_DIR replaces them one by one, by name.
# Variables: $business is the name of the business, $name the customer's, $named is "yes" if that is known.

greeting =
    { $named ->
        [yes] Hello { $name }, welcome to { $business }!
       *[no] Hello, and welcome to { $business }!
    }

    An AI assistant answers you here; messages are stored and processed by OpenAI (more: /privacy).

    What can we do for you?

greeting-again = Hello again, this is { $business }. How can I help?

help =
    Just write your question and I will answer it. There are also commands:

    /contact – leave your number so that we can reach you
    /reset – start the conversation over
    /privacy – what happens to your data

unknown-command = I don't know that command. Just write your question, or see the list of commands: /help

reset-done = Let's start over: I no longer take our earlier conversation into account. How can I help?

contact-ask = Please leave your phone number and we will get in touch. Tap the button below, or write your number and name in a message.

contact-share-button = Share my number

contact-write-button = I'll type the number

contact-write-hint = Sure. Please write your phone number and your name in one message.

contact-thanks =
    { $named ->
        [yes] Thank you, { $name }! Your number is saved; the manager will be told and will get in touch with you.
       *[no] Thank you! Your number is saved; the manager will be told and will get in touch with you.
    }

privacy =
    { $business } keeps the messages of this chat, your name and user name in Telegram, and any contact you leave. They are needed to answer you and to get in touch with you.

    The answers come from an AI assistant: the text of your messages is passed to OpenAI and processed on its servers. Your Telegram profile and a number shared with the button are not.

    After /reset the earlier messages stay stored, but the AI assistant no longer gets them. If you want your data deleted, just say so here.

media-hint = For now I understand text only: I can't open voice messages, pictures or files. Could you put it in words, please?

flood = So many messages at once that I can't keep up. Please wait a minute and send the main point in one message.

flood-of-day = You have sent a great many messages within a day, so I am not answering new ones for now. Please write again tomorrow, or leave your phone number and the manager will get in touch.

group-farewell = I only answer in private messages, so I am leaving this chat. Write to me directly, I'll be glad to help!

apology = Sorry for the late reply.

form = Sorry, I can't answer right now, but your message is saved. Please leave your phone number and your name, and the manager will get in touch: tap the button below, or write both in one message.

form-thanks =
    { $named ->
        [yes] Thank you, { $name }! Your contact is saved; the manager will be told and will get in touch with you.
       *[no] Thank you! Your contact is saved; the manager will be told and will get in touch with you.
    }

failed = Your message is saved, but I can't answer right now. Please write again a little later, or leave your phone number and the manager will get in touch.

failed-saved = Sorry, I can't answer right now. Your message and your contact are saved; the manager will be told and will get in touch with you.

failed-known = Sorry, I can't answer right now. Your message is saved, and we have your contact already. Please write again a little later.

refused = Sorry, I can't help with that. Please ask in another way, or leave your number (/contact) and a colleague will answer you.

command-start = Start the conversation

command-help = What this chat can do

command-reset = Start the conversation over

command-contact = Leave your phone number

command-privacy = What happens to your data
