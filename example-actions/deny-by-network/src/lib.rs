//! Refuses resets from networks and countries that are not welcome.
//!
//! Networks are written in CIDR notation, IPv4 or IPv6. An address that cannot
//! be read is refused too.

mod network;

use std::net::IpAddr;

use flowhost_action::{Action, Api, Error, Event};
use serde::Deserialize;

use network::Network;

struct DenyByNetwork;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Configuration {
    /// Such as `198.51.100.0/24`.
    #[serde(default)]
    networks: Vec<Network>,
    /// ISO 3166-1 alpha-2 codes.
    #[serde(default)]
    countries: Vec<String>,
}

impl Action for DenyByNetwork {
    fn on_execute(event: &Event, api: &Api) -> Result<(), Error> {
        let configuration: Configuration = event.configuration().parse()?;
        let request = event.request();
        let address: IpAddr = request.ip.parse()?;
        if let Some(network) = configuration.networks.iter().find(|n| n.contains(address)) {
            api.log().info(format!("{address} is in {network}"));
            return Ok(api.access().deny("Passwords cannot be reset from this network.")?);
        }
        let country = request.geoip.country_code.unwrap_or_default();
        if configuration.countries.contains(&country) {
            api.log().info(format!("{address} is in {country}"));
            return Ok(api.access().deny("Passwords cannot be reset from this country.")?);
        }
        Ok(())
    }
}

flowhost_action::export!(DenyByNetwork);

#[cfg(test)]
mod tests {
    use flowhost_action::testing::{Command, Report, Run};
    use serde_json::json;

    use super::*;

    fn from(ip: &str, country: &str) -> Report {
        let request = json!({ "request": { "ip": ip, "geoip": { "countryCode": country } } });
        let refused =
            json!({ "networks": ["198.51.100.0/24", "2001:db8::/32"], "countries": ["AQ"] });
        Run::with_event(request).configuration(refused).execute::<DenyByNetwork>()
    }

    #[test]
    fn networks_and_countries_are_refused() {
        for (ip, country) in [("198.51.100.77", "CH"), ("2001:db8:1::1", "CH"), ("192.0.2.1", "AQ")]
        {
            assert!(
                matches!(from(ip, country).commands(), [Command::Deny { .. }]),
                "{ip} {country}"
            );
        }
    }

    #[test]
    fn everybody_else_goes_on() {
        for ip in ["198.51.101.1", "2001:db9::1"] {
            assert!(from(ip, "CH").commands().is_empty(), "{ip}");
        }
    }

    #[test]
    fn an_address_that_cannot_be_read_fails() {
        assert!(from("unknown", "CH").error().is_some());
    }
}
