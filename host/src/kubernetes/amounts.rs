//! Exact amounts of resources while a pod's containers are added up.

use std::collections::BTreeMap;
use std::fmt::Display;

use k8s_openapi::apimachinery::pkg::api::resource;

use super::ManifestError;
use super::quantity::{Quantity, QuantityError};
use crate::scheduling::{CPU, Resources};

/// Amounts by resource name, each a whole number of thousandths.
#[derive(Clone, Debug, Default)]
pub(super) struct Amounts(BTreeMap<String, Quantity>);

impl Amounts {
    /// Reads a `ResourceList`; `field` is its path.
    ///
    /// Each amount is rounded up to a thousandth on its own, before it is added to others, because that is what the
    /// Kubernetes API does with it before a scheduler ever sees it.
    pub(super) fn read(
        list: Option<&BTreeMap<String, resource::Quantity>>,
        field: impl Display,
    ) -> Result<Self, ManifestError> {
        let amounts = list.into_iter().flatten().map(|(name, quantity)| {
            let amount = amount(&quantity.0)
                .map_err(|error| ManifestError::in_field(format!("{field}.{name}"), error.to_string()))?;
            Ok((name.clone(), amount.rounded_to_milli()))
        });
        Ok(Self(amounts.collect::<Result<_, _>>()?))
    }

    /// Adds every amount of `other`.
    pub(super) fn add(&mut self, other: &Self) {
        for (name, amount) in &other.0 {
            let sum = self.0.entry(name.clone()).or_default();
            *sum = sum.saturating_add(*amount);
        }
    }

    /// Raises every amount to at least that of `other`.
    pub(super) fn raise_to(&mut self, other: &Self) {
        for (name, amount) in &other.0 {
            let most = self.0.entry(name.clone()).or_default();
            *most = (*most).max(*amount);
        }
    }

    /// Takes over from `other` what is not stated here.
    pub(super) fn complete_from(&mut self, other: &Self) {
        for (name, amount) in &other.0 {
            self.0.entry(name.clone()).or_insert(*amount);
        }
    }

    /// Takes over every amount of `other`.
    pub(super) fn replace_from(&mut self, other: &Self) {
        self.0.extend(other.0.iter().map(|(name, amount)| (name.clone(), *amount)));
    }

    /// Keeps the resources that `keep` says yes to.
    pub(super) fn retain(&mut self, keep: impl Fn(&str, Quantity) -> bool) {
        self.0.retain(|name, amount| keep(name, *amount));
    }

    pub(super) fn get(&self, name: &str) -> Option<Quantity> {
        self.0.get(name).copied()
    }

    /// Whole amounts: `cpu` in millicores, everything else in its own unit, rounded up.
    pub(super) fn into_resources(self) -> Resources {
        let mut resources = Resources::new();
        for (name, amount) in self.0 {
            let whole = if name == CPU { amount.to_millis_rounded_up() } else { amount.to_units_rounded_up() };
            resources.set(name, whole);
        }
        resources
    }
}

/// Reads one amount of a resource. Kubernetes ignores space around it when it reads an object.
pub(super) fn amount(text: &str) -> Result<Quantity, QuantityError> {
    let text = text.trim();
    let quantity = Quantity::parse(text)?;
    if quantity.is_negative() { Err(QuantityError::negative(text)) } else { Ok(quantity) }
}
