// A mail server on this machine, and the links in what it got.
import { SMTPServer } from 'smtp-server';

export class Mailbox {
  #mails = [];
  #waiting = [];

  static async open(port) {
    const mailbox = new Mailbox();
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      onData(stream, session, done) {
        const parts = [];
        stream.on('data', (part) => parts.push(part));
        stream.on('end', () => {
          const to = session.envelope.rcptTo.map((recipient) => recipient.address);
          mailbox.#take({ to, text: Buffer.concat(parts).toString() });
          done();
        });
      },
    });
    await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
    mailbox.close = () => new Promise((resolve) => server.close(resolve));
    return mailbox;
  }

  #take(mail) {
    this.#mails.push(mail);
    for (const look of this.#waiting) look();
  }

  /** All that came. */
  get all() {
    return this.#mails;
  }

  /** The link in the next mail to an address; each mail is read once. */
  async link(address) {
    for (;;) {
      const found = this.#mails.find(
        (mail) => !mail.read && mail.to.includes(address) && linkIn(mail.text) !== undefined,
      );
      if (found) {
        found.read = true;
        return linkIn(found.text);
      }
      await new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no mail for ${address}`)), 20_000);
        this.#waiting.push(() => (clearTimeout(timer), resolve()));
      });
    }
  }
}

/** The link of a mail, whose lines may be folded as quoted-printable. */
function linkIn(text) {
  const plain = text.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return /https?:\/\/\S+\/reset\?token=\S+/.exec(plain)?.[0];
}
