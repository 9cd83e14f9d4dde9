//! stub
#[derive(Debug, Clone, Default)]
pub struct Checklists {
    pub acceptance: Vec<String>,
    pub pre_release: Vec<String>,
}
